"""Total variation between normal laws of any scales: 60-digit crossings, the diagonal, and what overflows."""

import mpmath
import numpy
import pytest

from gamedyn.distributions import LogNormal, Normal
from gamedyn.divergences import total_variation_distance
from tests.divergences.oracles import relative_error


def _reference(m1, s1, m2, s2):
    """The masses between the roots of the quadratic log p = log q, at the precision in force."""
    m1, s1, m2, s2 = (mpmath.mpf(float(x)) for x in (m1, s1, m2, s2))
    if s1 == s2:
        return mpmath.erf(abs(m1 - m2) / (2 * mpmath.sqrt(2) * s1))
    a, b = 1 / s1**2 - 1 / s2**2, 2 * (m2 / s2**2 - m1 / s1**2)
    c = (m1 / s1) ** 2 - (m2 / s2) ** 2 + 2 * mpmath.log(s1 / s2)
    root = mpmath.sqrt(b * b - 4 * a * c)
    low, high = sorted([(-b - root) / (2 * a), (-b + root) / (2 * a)])
    masses = [mpmath.ncdf(high, m, s) - mpmath.ncdf(low, m, s) for m, s in ((m1, s1), (m2, s2))]
    return abs(masses[0] - masses[1])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_against_sixty_digits(dtype, rng):
    n = 200
    s1, m1 = numpy.exp(rng.normal(size=n)), rng.normal(size=n)
    step, shift = 10 ** rng.uniform(-15, 3, n), 10 ** rng.uniform(-15, 1.5, n)
    s2 = numpy.where(rng.random(n) < 0.5, s1 * (1 + step), s1 / (1 + step))
    m2 = m1 + s1 * shift * rng.choice([-1, 0, 1], n)
    rows = [x.astype(dtype) for x in (m1, s1, m2, s2)]
    m1, s1, m2, s2 = rows
    values = total_variation_distance(Normal(m1, s1), Normal(m2, s2), method="closed")
    assert values.dtype == dtype
    with mpmath.workdps(60):
        errors = [
            relative_error(value, _reference(*row))
            for value, row in zip(values, numpy.stack(rows, axis=-1), strict=True)
        ]
    assert max(errors) < (2e-6 if dtype == "float32" else 4e-15)


def test_edges_and_batches():
    assert float(total_variation_distance(Normal(1.0, 2.0), Normal(1.0, 2.0))) == 0.0
    assert float(total_variation_distance(Normal(0.0, 1e-300), Normal(0.0, 1e300))) == 1.0
    assert float(total_variation_distance(Normal(0.0, 1.0), Normal(1e300, 1.5))) == 1.0
    p, q = Normal([[0.0], [1.0], [0.0]], [[1.0], [2.0], [1.0]]), Normal([0.0, 1.0, 0.0, 2.0], [1.0, 2.0, 3.0, 1.0])
    batch = total_variation_distance(p, q)
    assert batch.shape == (3, 4)
    with mpmath.workdps(60):
        for i, j in numpy.ndindex(3, 4):
            row = (p.loc[i, 0], p.scale[i, 0], q.loc[j], q.scale[j])
            assert float(batch[i, j]) == pytest.approx(float(_reference(*row)), rel=4e-15)
    numpy.testing.assert_allclose(batch, total_variation_distance(q, p), rtol=1e-15)


def test_logarithms_share_it(library):
    parameters = [library.asarray(x) for x in (0.25, 0.5, 1.0, 0.75)]
    m1, s1, m2, s2 = parameters
    value = total_variation_distance(LogNormal(m1, s1), LogNormal(m2, s2), method="closed")
    with mpmath.workdps(60):
        expected = float(_reference(0.25, 0.5, 1.0, 0.75))
    assert library.host(value) == pytest.approx(expected, rel=4e-15)
