"""SciPy's functions and ours under SciPy's names give one number."""

import numpy
import pytest
import scipy.spatial.distance
import scipy.stats

from gamedyn import compat


@pytest.mark.parametrize("base", [None, 2.0, 10])
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_pmfs(base, axis, rng):
    p, q = rng.random((2, 4, 3))
    for ours, theirs in (
        (compat.scipy.entropy(p, q, base, axis), scipy.stats.entropy(p, q, base, axis)),
        (compat.scipy.entropy(p, base=base, axis=axis), scipy.stats.entropy(p, base=base, axis=axis)),
        (
            compat.scipy.jensenshannon(p, q, base, axis=axis),
            scipy.spatial.distance.jensenshannon(p, q, base, axis=axis),
        ),
    ):
        numpy.testing.assert_allclose(ours, theirs, rtol=1e-13)
    kept = compat.scipy.jensenshannon(p, q, axis=axis, keepdims=True)
    assert kept.shape == scipy.spatial.distance.jensenshannon(p, q, axis=axis, keepdims=True).shape
    # By default along the first axis, as there.
    numpy.testing.assert_allclose(compat.scipy.entropy(p, q), scipy.stats.entropy(p, q), rtol=1e-13)


@pytest.mark.parametrize("weighted", [False, True])
def test_values_on_the_line(weighted, rng):
    u, v = rng.normal(size=9), rng.normal(size=6) + 1
    weights = (rng.random(9), rng.random(6)) if weighted else ()
    for name in ("wasserstein_distance", "energy_distance"):
        expected = getattr(scipy.stats, name)(u, v, *weights)
        assert float(getattr(compat.scipy, name)(u, v, *weights)) == pytest.approx(expected, rel=1e-13, abs=0.0)
