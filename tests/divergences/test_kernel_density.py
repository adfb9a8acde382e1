"""Kernel densities against SciPy's, each row left out by hand, and what comes of their log-ratio."""

import math

import numpy
import pytest
import scipy.stats

from gamedyn.divergences import _kernel_density, estimate_divergence
from gamedyn.divergences._kinds import kind_of

BYTES = 2**24


def _scipy(sample, factor, at):
    return scipy.stats.gaussian_kde(sample.T, bw_method=factor).logpdf(at.T)


@pytest.mark.parametrize("rule", ["scott", "silverman", 0.4])
@pytest.mark.parametrize("d", [1, 3])
def test_log_ratios_are_those_of_scipys_densities(rule, d, rng):
    x, y = rng.standard_normal((30, d)) @ numpy.diag([1.0, 5.0, 0.1][:d]), rng.standard_normal((40, d)) * 2.0 + 1.0
    at_x, at_y = _kernel_density.kernel_log_ratios(x, y, rule, BYTES)

    def left_out(sample):
        # SciPy's density of all rows, n times, less the kernel at its centre.
        factor = (
            getattr(scipy.stats.gaussian_kde(sample.T), {"scott": "scotts_factor"}.get(rule, f"{rule}_factor"))()
            if isinstance(rule, str)
            else rule
        )
        n = len(sample)
        covariance = numpy.atleast_2d(numpy.cov(sample, rowvar=False)) * factor**2
        peak = 1 / math.sqrt(numpy.linalg.det(2 * math.pi * covariance))
        return numpy.log((n * numpy.exp(_scipy(sample, factor, sample)) - peak) / (n - 1))

    numpy.testing.assert_allclose(
        at_x, numpy.clip(left_out(x) - _scipy(y, rule, x), -math.log(30), math.log(30)), rtol=1e-9
    )
    numpy.testing.assert_allclose(
        at_y, numpy.clip(_scipy(x, rule, y) - left_out(y), -math.log(30), math.log(30)), rtol=1e-9
    )


def test_likelihood_chooses_the_width(rng):
    # Two narrow clusters: Scott's width, made for one normal law, hides them.
    sample = numpy.concatenate([rng.standard_normal(100) * 0.05, 5 + rng.standard_normal(100) * 0.05])[:, None]
    density = _kernel_density._Density(sample, "x", "likelihood", BYTES)
    scott = 200 ** (-1 / 5)
    assert density.h == pytest.approx(0.25 * scott)
    spread = rng.standard_normal((200, 1))
    factor = _kernel_density._Density(spread, "x", "likelihood", BYTES).h / scott
    scores = []
    for candidate in _kernel_density._FACTORS:
        held = [
            _scipy(numpy.delete(spread, i, axis=0), candidate * scott * 1.0, spread[i : i + 1])[0] for i in range(200)
        ]
        scores.append(numpy.mean(held))
    best = _kernel_density._FACTORS[int(numpy.argmax(scores))]
    assert factor == pytest.approx(best)


def test_blocks_change_nothing(rng):
    x, y = rng.standard_normal((50, 2)), rng.standard_normal((60, 2))
    whole = _kernel_density.kernel_log_ratios(x, y, "scott", BYTES)
    cut = _kernel_density.kernel_log_ratios(x, y, "scott", 8 * 4 * 60 * 3)
    numpy.testing.assert_allclose(cut[0], whole[0], rtol=1e-9)
    numpy.testing.assert_allclose(cut[1], whole[1], rtol=1e-9)


def test_plug_in_and_its_influence():
    # On masses: p = (1/2, 1/4, 1/4), q = (1/4, 1/4, 1/2), rows in their proportions.
    v = numpy.log([2.0, 1.0, 0.5])
    v_x, v_y = v[[0, 0, 1, 2]], v[[0, 1, 2, 2]]
    kl = math.log(2) / 4
    value, error = _kernel_density.resubstitution(kind_of("kl", None), v_x, v_y)
    assert value == pytest.approx(kl)
    # E_p r - 1 = 2/2 + 1/4 + 1/8 - 1.
    assert error == pytest.approx(math.sqrt(numpy.var(v_x, ddof=1) / 4 + 0.375 / 4))
    assert _kernel_density.resubstitution(kind_of("reverse_kl", None), v_x, v_y) == pytest.approx((kl, error))
    both, spread = _kernel_density.resubstitution(kind_of("jeffreys", None), v_x, v_y)
    assert both == pytest.approx(2 * kl)
    assert spread == pytest.approx(math.sqrt(2) * (numpy.std(v_x, ddof=1) + math.sqrt(0.375)) / 2)


def test_far_samples_and_motions(rng):
    x, y = rng.standard_normal((60, 2)), rng.standard_normal((60, 2)) + 1000.0
    assert estimate_divergence(x, y, "js", method="kde").value == pytest.approx(math.log(2), abs=0.03)
    # A log-ratio is cut at that of the rows: the kernels' own would be about 1e6 / 0.4^2.
    assert estimate_divergence(x, y, "kl", method="kde").value == pytest.approx(math.log(60))
    y -= 999.5
    turn = numpy.array([[3.0, 1.0], [0.0, 0.02]])
    moved = estimate_divergence(x @ turn + 1e4, y @ turn + 1e4, "kl", method="kde").value
    assert moved == pytest.approx(estimate_divergence(x, y, "kl", method="kde").value, abs=1e-6)


def test_duplicates_have_densities(rng):
    x, y = rng.integers(0, 4, 80).astype(float), rng.integers(0, 4, 90).astype(float)
    estimate = estimate_divergence(x, y, "kl", method="kde")
    assert math.isfinite(estimate.value)
    assert estimate.standard_error > 0


@pytest.mark.parametrize(
    ("x", "options", "message"),
    [
        (numpy.ones(20), {}, "`x` must vary in every direction for a kernel density"),
        (numpy.stack([numpy.arange(20.0)] * 2, axis=1), {}, "`x` must vary in every direction"),
        (numpy.arange(20.0), {"bandwidth": "scot"}, "`bandwidth` must be one of .* Did you mean 'scott'"),
        (numpy.arange(20.0), {"bandwidth": -1.0}, "`bandwidth` must be positive and finite, got -1.0"),
        (numpy.arange(20.0), {"kind": "pearson"}, "'kde' has no estimate of the kind 'pearson': at order 2"),
        (
            numpy.arange(20.0),
            {"method": "knn", "bandwidth": 1.0},
            "`bandwidth` belongs to the method 'kde', got it for",
        ),
    ],
)
def test_bad_input(x, options, message, rng):
    y = rng.standard_normal((25, 2)) if x.ndim == 2 else rng.standard_normal(25)
    with pytest.raises(ValueError, match=message):
        estimate_divergence(x, y, **{"method": "kde", **options})
