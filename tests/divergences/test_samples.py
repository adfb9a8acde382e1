"""What every function of two samples refuses, and what rows far from the origin do."""

import pytest

from gamedyn.divergences import (
    classifier_two_sample_test,
    density_ratio,
    energy_distance,
    estimate_divergence,
    frechet_distance,
    kernel_stein_discrepancy,
    maximum_mean_discrepancy,
    two_sample_test,
)

CALLS = {
    **{
        f"estimate_divergence by {method}": lambda x, y, method=method: estimate_divergence(x, y, method=method, rng=0)
        for method in ("knn", "kde", "ratio", "variational", "classifier")
    },
    "density_ratio": lambda x, y: density_ratio(x, y, rng=0),
    "frechet_distance": frechet_distance,
    "classifier_two_sample_test": lambda x, y: classifier_two_sample_test(x, y, rng=0),
    "maximum_mean_discrepancy": maximum_mean_discrepancy,
    "energy_distance": energy_distance,
    "two_sample_test": lambda x, y: two_sample_test(x, y, permutations=9, rng=0),
    "kernel_stein_discrepancy": lambda x, y: kernel_stein_discrepancy(x, lambda z: -z),
}
every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


@pytest.mark.filterwarnings("error")
@every_call
@pytest.mark.parametrize("scale", [1e160, 1e-160])
def test_squares_that_cannot_be_held_are_refused(call, scale, rng):
    x, y = scale * rng.standard_normal((60, 2)), scale * rng.standard_normal((50, 2))
    with pytest.raises(
        ValueError, match=r"must spread over 1e-150 to 1e150, so that squares can be held, got .*Rescale"
    ):
        call(x, y)


@pytest.mark.filterwarnings("error")
@every_call
def test_a_spread_that_overflows_is_refused(call, rng):
    x, y = 1.7e308 * rng.choice([-1.0, 1.0], (60, 2)), rng.standard_normal((50, 2))
    with pytest.raises(ValueError, match="got a spread of inf"):
        call(x, y)


@pytest.mark.filterwarnings("error")
def test_energy_on_the_line_needs_no_squares():
    # 2 |a - b| for one point of each.
    for scale in (1e-300, 1e300):
        assert energy_distance([scale], [3 * scale]) == pytest.approx(4 * scale, rel=1e-15)
    with pytest.raises(ValueError, match=r"`x` and `y` must spread over at most 1\.8e308, got a spread of inf"):
        energy_distance([1.7e308, -1.7e308], [1.7e308])
