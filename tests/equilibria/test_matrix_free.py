"""Radii of large games, from steps alone."""

import numpy
import pytest

from gamedyn.equilibria import spectral_radius
from gamedyn.equilibria._matrix_free import probed_residual
from gamedyn.games import Game
from gamedyn.updates import AnchoredExtragradient, Extragradient, OptimisticGradient, SimultaneousGradientDescent


class Chain(Game):
    """f = mu |x|^2 / 2 + x^T B y - mu |y|^2 / 2 , 600 coordinates each, B bidiagonal: products only, no matrix."""

    dims = (600, 600)

    def losses(self, z):
        x, y = z[..., :600], z[..., 600:]
        f = 0.05 * numpy.sum(x**2 - y**2, axis=-1) + numpy.sum(x * self._times(y), axis=-1)
        return numpy.stack([f, -f], axis=-1)

    def _times(self, y):
        return y + 0.5 * numpy.concatenate([y[..., 1:], 0 * y[..., :1]], axis=-1)

    def simultaneous_gradient(self, z):
        x, y = z[..., :600], z[..., 600:]
        back = x + 0.5 * numpy.concatenate([0 * x[..., :1], x[..., :-1]], axis=-1)
        return numpy.concatenate([0.1 * x + self._times(y), 0.1 * y - back], axis=-1)

    def jvp(self, z, v):
        return self.simultaneous_gradient(v)

    def jacobian(self, z):
        raise AssertionError("a large game must not form its Jacobian")


@pytest.mark.parametrize("rule", [SimultaneousGradientDescent(0.1), OptimisticGradient(0.1)], ids=repr)
def test_large_games_form_no_matrix(rule):
    # J is normal up to the blocks: eigenvalues 0.1 +- i s with s the singular values of B.
    b = numpy.eye(600) + 0.5 * numpy.eye(600, k=1)
    s = numpy.linalg.svd(b, compute_uv=False)
    expected = numpy.abs(rule.symbol(0.1 + 1j * s)).max()
    radius = spectral_radius(rule, Chain(), numpy.zeros(1200))
    assert float(radius) == pytest.approx(expected, rel=1e-7)


def test_large_games_refuse_rules_that_change_with_time():
    with pytest.raises(NotImplementedError, match="its step changes with time"):
        spectral_radius(AnchoredExtragradient(0.1), Chain(), numpy.zeros(1200))


def test_a_crowded_largest_modulus():
    # ARPACK hands back values of modulus 12 here, with vectors of length 1e-15; the radius is 1.1313.
    b = numpy.eye(600) + 0.5 * numpy.eye(600, k=1)
    rule = Extragradient(0.8)
    expected = numpy.abs(rule.symbol(0.1 + 1j * numpy.linalg.svd(b, compute_uv=False))).max()
    assert float(spectral_radius(rule, Chain(), numpy.zeros(1200))) == pytest.approx(expected, rel=1e-7)


class Diagonal(Game):
    """L = sum s_i x_i^2 / 2."""

    dims = (1200,)

    def __init__(self, strengths):
        self.strengths = strengths

    def losses(self, z):
        return numpy.sum(self.strengths * z**2, axis=-1, keepdims=True) / 2

    def simultaneous_gradient(self, z):
        return self.strengths * z

    def jvp(self, z, v):
        return self.strengths * v


def test_the_largest_modulus_may_be_on_the_left():
    # Multipliers 1 - 3 x of a drawn diagonal: the one of largest modulus, 1 - 3 * 1.2, has the least real part.
    strengths = numpy.linspace(0.0, 1.0, 1200) ** 2
    strengths[7] = 1.2
    radius = spectral_radius(SimultaneousGradientDescent(3.0), Diagonal(strengths), numpy.zeros(1200))
    assert float(radius) == pytest.approx(2.6, rel=1e-7)


def test_large_games_still_need_a_stationary_point():
    with pytest.raises(ValueError, match="`z` must be a stationary point of `rule`, got a relative residual of"):
        spectral_radius(SimultaneousGradientDescent(0.1), Chain(), 0.1 * numpy.ones(1200))
    with pytest.raises(ValueError, match=r"`z` must be one point where d > 1000, got shape \(2, 1200\)"):
        spectral_radius(SimultaneousGradientDescent(0.1), Chain(), numpy.zeros((2, 1200)))


class Springs(Game):
    """Each player by himself on a spring of his own strength: xi = (s_i (z - c)), far too many to list J."""

    dims = (800, 400)

    def __init__(self, strengths, offsets):
        self.strengths, self.offsets = numpy.repeat(strengths, self.dims), numpy.repeat(offsets, self.dims)

    def losses(self, z):
        raise NotImplementedError

    def simultaneous_gradient(self, z):
        return self.strengths * (z - 5.0) + self.offsets

    def jvp(self, z, v):
        return self.strengths * v


@pytest.mark.parametrize(
    ("offsets", "expected"),
    [((0.3, 0.0), 0.3 / 7.0), ((0.0, 0.3), 0.3 / 0.02), ((0.3, 0.3), 0.3 / 0.02), ((0.0, 0.0), 0.0)],
)
def test_the_residual_of_a_large_game_is_that_of_small_ones(offsets, expected):
    # |r_i| / |J_i| = offset / strength, in Frobenius norm, over 1 + |z| = 1 + 5 sqrt(1200). The mean of 8 squares of
    # |J_i v| has a relative standard deviation of sqrt(2 / 3200), its root half of that: 1.3 %.
    z = numpy.full(1200, 5.0)
    found = probed_residual(SimultaneousGradientDescent(0.1), Springs((7.0, 0.02), offsets), z)
    assert found == pytest.approx(expected / (1 + 5 * 1200**0.5), rel=0.05, abs=0.0)
    without = Springs((7.0, 0.0), offsets)
    if offsets[1]:
        assert probed_residual(SimultaneousGradientDescent(0.1), without, z) == numpy.inf
