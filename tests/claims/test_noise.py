"""Second moments of noisy steps, and the error of their measurement, against paths of a complex number."""

import numpy
import pytest

from gamedyn.claims._noise import moment_error, noisy_moments, second_moments
from gamedyn.updates import Extragradient


def paths(rng, h, g, s, scale, count):
    """|z_k|^2 for k >= 1 of z+ = m z - h e' + h g i s e, from 0, in complex numbers."""
    z, sizes = numpy.zeros(count, complex), []
    for step, ahead in zip(h, g, strict=True):
        noise = scale * (rng.standard_normal((2, count)) + 1j * rng.standard_normal((2, count)))
        z = (1 - step * ahead * s**2 - 1j * step * s) * z - step * noise[0] + 1j * step * ahead * s * noise[1]
        sizes.append(abs(z) ** 2)
    return numpy.array(sizes)


def test_moments_and_their_error_are_those_of_many_paths(rng):
    k = numpy.arange(60)
    h, g = 0.5 / (k + 2) ** 0.6, 0.6 / (k + 2) ** 0.2
    factors, moments = second_moments(h, g, 1.5, 0.4)
    sizes = paths(rng, h, g, 1.5, 0.4, 20000) / moments[1:, None]
    # |z|^2 / V is exponential: a mean of 20000 is off by 0.7 %.
    numpy.testing.assert_allclose(sizes.mean(axis=-1), 1.0, atol=0.045)
    assert sizes.mean(axis=0).std() == pytest.approx(moment_error(factors, moments, 1), rel=0.05, abs=0.0)
    assert sizes.mean(axis=0).reshape(-1, 4).mean(-1).std() == pytest.approx(
        moment_error(factors, moments, 4), rel=0.08, abs=0.0
    )


def test_planes_are_independent_and_start_at_zero(rng):
    found = noisy_moments(rng, Extragradient(0.5), 1.0, 2.0, 1, 4000)
    # One step from 0: -h (I - h J) e, with E|e|^2 = 8.
    assert found[0] == 0
    assert found[1] == pytest.approx(8 * 0.25 * 1.25, rel=0.1, abs=0.0)
