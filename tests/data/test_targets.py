"""Ring and grid: where the modes are, and the density there."""

import math

import numpy
import pytest

from gamedyn.data import gaussian_grid, gaussian_ring


def centers(law):
    return numpy.stack([part.loc for part in law.components])


def test_ring_modes_are_equally_far_from_their_neighbours():
    # The chord of 45 degrees on radius 3; a ring drawn with both end points would have a pair at distance 0.
    points = centers(gaussian_ring(8, radius=3.0))
    gaps = numpy.linalg.norm(points - numpy.roll(points, 1, axis=0), axis=-1)
    numpy.testing.assert_allclose(gaps, 6 * math.sin(math.pi / 8), rtol=1e-13)
    numpy.testing.assert_allclose(numpy.linalg.norm(points, axis=-1), 3.0, rtol=1e-14)


def test_grid_modes():
    expected = {(float(a), float(b)) for a in (-4, -2, 0, 2, 4) for b in (-4, -2, 0, 2, 4)}
    assert {tuple(row) for row in centers(gaussian_grid()).tolist()} == expected
    assert {tuple(row) for row in centers(gaussian_grid(2, spacing=1.0)).tolist()} == {
        (a, b) for a in (-0.5, 0.5) for b in (-0.5, 0.5)
    }


@pytest.mark.parametrize(("law", "modes", "scale"), [(gaussian_ring(), 8, 0.01), (gaussian_grid(), 25, 0.05)])
def test_density_at_a_mode(law, modes, scale):
    # `scale` is a standard deviation, not a variance; the other modes are 40 deviations away and more.
    expected = -math.log(modes) - math.log(2 * math.pi * scale**2)
    numpy.testing.assert_allclose(law.log_prob(centers(law)), expected, rtol=1e-13)


def test_samples_lie_at_their_modes(rng):
    law = gaussian_ring()
    distances = numpy.linalg.norm(law.sample(4000, rng=rng)[:, None] - centers(law), axis=-1)
    # |x - c|^2 / scale^2 is chi-squared with 2 degrees: P(|x - c| > 6 scale) = e^-18.
    assert distances.min(axis=-1).max() < 0.06
    counts = numpy.bincount(distances.argmin(axis=-1), minlength=8)
    assert abs(counts - 500).max() < 5 * math.sqrt(4000 * (1 / 8) * (7 / 8))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gaussian_ring(0), "`modes` must be at least 1, got 0."),
        (lambda: gaussian_ring(radius=-1.0), "`radius` must be positive and finite, got -1.0."),
        (lambda: gaussian_grid(side=0), "`side` must be at least 1, got 0."),
        (lambda: gaussian_grid(scale=0.0), "`scale` must be positive and finite, got 0.0."),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match="must be") as caught:
        call()
    assert str(caught.value) == message
