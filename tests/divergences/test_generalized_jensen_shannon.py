"""Jensen-Shannon divergence of several pmfs: two of them, disjoint ones, close ones, weights that are none."""

import math

import mpmath
import numpy
import pytest

from gamedyn.divergences import entropy, generalized_jensen_shannon_divergence, jensen_shannon_divergence
from tests.divergences.oracles import relative_error


def exact(masses, weights, digits=50):
    """H(m) - sum w_i H(p_i) of masses divided by their sums."""
    with mpmath.workdps(digits):
        rows = [[mpmath.mpf(float(x)) for x in row] for row in masses]
        rows = [[x / mpmath.fsum(row) for x in row] for row in rows]
        shares = [mpmath.mpf(float(w)) for w in weights]
        shares = [w / mpmath.fsum(shares) for w in shares]
        middle = [mpmath.fsum(w * x for w, x in zip(shares, column, strict=True)) for column in zip(*rows, strict=True)]

        def entropy_of(row):
            return -mpmath.fsum(x * mpmath.log(x) for x in row if x > 0)

        return entropy_of(middle) - mpmath.fsum(w * entropy_of(row) for w, row in zip(shares, rows, strict=True))


def test_two_are_the_jensen_shannon_divergence():
    p, q = [0.5, 0.5, 0.0], [0.25, 0.5, 0.25]
    for weight in (0.5, 0.25):
        value = float(generalized_jensen_shannon_divergence([p, q], [weight, 1 - weight]))
        assert value == pytest.approx(float(jensen_shannon_divergence(p, q, weight=weight)), rel=1e-14, abs=0.0)
    value = float(generalized_jensen_shannon_divergence([p, q], base=2))
    assert value == pytest.approx(float(jensen_shannon_divergence(p, q, base=2)), rel=1e-14, abs=0.0)


def test_disjoint_supports_give_the_entropy_of_the_weights():
    weights = [0.5, 0.3, 0.2]
    value = float(generalized_jensen_shannon_divergence(numpy.eye(3), weights))
    assert value == pytest.approx(float(entropy(weights)), rel=1e-15, abs=0.0)
    # A pmf of weight 0 is out, though its support is its own.
    value = float(generalized_jensen_shannon_divergence([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], [0.5, 0.5, 0.0]))
    assert value == 0.0
    assert float(generalized_jensen_shannon_divergence([[0.5, 0.5]])) == 0.0


def test_rounding_does_not_carry_it_past_the_entropy_of_the_weights(rng):
    for weights in rng.dirichlet(numpy.ones(5), size=200):
        shares = weights / weights.sum()
        bound = -math.fsum(float(share) * math.log(share) for share in shares)
        assert float(generalized_jensen_shannon_divergence(numpy.eye(5), weights)) <= bound


def worst_errors(rng):
    """Relative errors over random and close pmfs."""
    errors = []
    for case in range(40):
        count, size = int(rng.integers(2, 6)), int(rng.integers(2, 20))
        masses = rng.dirichlet(numpy.full(size, 10.0 ** rng.uniform(-1, 1)), size=count)
        if case % 2:
            step = 10.0 ** rng.uniform(-8, 0)
            masses = masses[0] * (1 + step * rng.uniform(-1, 1, masses.shape))
        weights = rng.dirichlet(numpy.ones(count))
        value = generalized_jensen_shannon_divergence(masses, weights, normalize=True)
        errors.append(relative_error(value, exact(masses, weights)))
    return numpy.array(errors)


def test_every_digit(rng):
    assert worst_errors(rng).max() < 2e-14


def test_every_library_and_option(library, rng):
    masses = rng.dirichlet(numpy.ones(4), size=(3, 2))
    expected = [float(exact(masses[:, i], [1, 1, 1])) for i in range(2)]
    arrays = [library.asarray(array) for array in masses]
    value = generalized_jensen_shannon_divergence(arrays)
    assert library.owns(value)
    numpy.testing.assert_allclose(library.host(value), expected, rtol=1e-13)
    turned = [library.asarray(array.T) for array in masses]
    kept = generalized_jensen_shannon_divergence(turned, axis=0, keepdims=True)
    assert kept.shape == (1, 2)
    logs = [library.asarray(numpy.log(array) + 1.0) for array in masses]
    by_logs = generalized_jensen_shannon_divergence(logs, log=True, normalize=True)
    numpy.testing.assert_allclose(library.host(by_logs), expected, rtol=1e-12)
    broadcast = generalized_jensen_shannon_divergence([arrays[0], arrays[1][0, ...]], return_estimate=True)
    assert broadcast.value.shape == (2,)
    assert broadcast.definition == "sum w_i p_i log(p_i / m), in nats"
    # 2 log 2 + 1 log 1 - ... of unnormalised masses: sum p log(p / m) / 2 + q log(q / m) / 2 with m = 3/2.
    loose = generalized_jensen_shannon_divergence([[2.0], [1.0]], normalize=None)
    assert float(loose) == pytest.approx(math.log(4 / 3) + math.log(2 / 3) / 2, rel=1e-14)


@pytest.mark.parametrize(
    ("masses", "weights", "message"),
    [
        ([], None, "`masses` must hold at least one pmf"),
        ([[0.5, 0.5], [1.0, 0.0]], [1.0], r"one entry for each of 2 pmfs, got shape \(1,\)"),
        ([[0.5, 0.5], [1.0, 0.0]], [1.5, -0.5], r"`weights` must be non-negative, got -0\.5"),
        ([[0.5, 0.5], [1.0, 0.0]], [0.5, math.nan], "`weights` must be non-negative, got nan"),
        ([[0.5, 0.5], [1.0, 0.0]], [0.5, 0.6], r"`weights` must sum to 1, got 1\.1"),
        ([[0.5, 0.5], [1.0, 0.5]], None, r"`masses\[1\]` must sum to 1"),
        ([[0.5, 0.5], [1.0]], None, r"one number of outcomes, got shapes \[\(2,\), \(1,\)\]"),
        ([numpy.full((2, 2), 0.5), numpy.full((3, 2), 0.5)], None, "shapes that broadcast"),
    ],
)
def test_bad_input(masses, weights, message):
    with pytest.raises(ValueError, match=message):
        generalized_jensen_shannon_divergence(masses, weights)
