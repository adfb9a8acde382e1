"""Lookahead: the way back, the memory that goes on, and where it makes descent stable."""

import numpy
import pytest

from gamedyn.dynamics import simulate
from gamedyn.equilibria import spectral_radius
from gamedyn.games import Bilinear, Counted, DiracGAN, Quadratic
from gamedyn.updates import (
    AlternatingGradientDescent,
    Averaged,
    Extragradient,
    Lookahead,
    OptimisticGradient,
    SimultaneousGradientDescent,
    TimescaleSeparation,
)


def test_the_way_back_is_counted_from_the_old_point():
    # L = x^2 / 2 with h = 1/2: 8, 4, 2 in two inner steps; a quarter of the way from 8 to 2 is 6.5.
    rule = Lookahead(SimultaneousGradientDescent(0.5), k=2, alpha=0.25)
    assert rule.step(Quadratic([[[1.0]]], (1,)), numpy.array([8.0]), None)[0].tolist() == [6.5]


@pytest.mark.parametrize(("k", "alpha"), [(1, 0.5), (2, 0.5), (5, 0.5), (5, 0.3), (6, 0.2), (20, 0.5)])
def test_descent_on_a_bilinear_game_is_stable_where_theory_says(k, alpha):
    # Eigenvalues +-i s: r = 1 - i h s, and (1 - alpha) + alpha r^k by de Moivre. Descent alone always spirals out.
    h, s = 0.4, 1.3
    size, angle = (1 + (h * s) ** 2) ** (k / 2), -k * numpy.arctan(h * s)
    predicted = abs(1 - alpha + alpha * size * (numpy.cos(angle) + 1j * numpy.sin(angle)))
    rule = Lookahead(SimultaneousGradientDescent(h), k=k, alpha=alpha)
    game, z = Bilinear([[s]]), numpy.array([1.0, 0.5])
    assert float(spectral_radius(rule, game, numpy.zeros(2))) == pytest.approx(predicted, rel=1e-13, abs=0.0)
    moved, _ = rule.step(game, z, None)
    # J is normal, so that every step scales distances by the radius.
    assert numpy.linalg.norm(moved) / numpy.linalg.norm(z) == pytest.approx(predicted, rel=1e-13, abs=0.0)
    assert (predicted < 1) == ((k, alpha) in [(5, 0.5), (5, 0.3), (6, 0.2)])


def test_small_parts_of_the_way_are_stable_where_the_round_leans_back():
    # |1 + alpha (r^k - 1)| < 1 for small alpha exactly where Re r^k < 1.
    game = Bilinear([[1.0]])
    for k in range(1, 12):
        rule = Lookahead(SimultaneousGradientDescent(0.6), k=k, alpha=1e-4)
        leans_back = ((1 - 0.6j) ** k).real < 1
        assert (float(spectral_radius(rule, game, numpy.zeros(2))) < 1) == leans_back


def test_the_inner_memory_goes_on():
    # Two rounds of two optimistic steps: the second round starts from the last gradient of the first one.
    game, h = DiracGAN(), 0.3
    z = numpy.array([1.0, -0.5])
    old, previous = z, game.simultaneous_gradient(z)
    for _ in range(2):
        w = old
        for _ in range(2):
            xi = game.simultaneous_gradient(w)
            w, previous = w - 2 * h * xi + h * previous, xi
        old = old + 0.4 * (w - old)
    rule = Lookahead(OptimisticGradient(h), k=2, alpha=0.4)
    numpy.testing.assert_allclose(simulate(game, rule, z, 2).final, old, rtol=1e-14)


class Redrawn(Bilinear):
    """x y scaled by the number of times it was redrawn."""

    def redraw(self):
        return Redrawn(self.matrix + 1.0)


def test_inner_steps_take_fresh_samples():
    z, h = numpy.array([1.0, 2.0]), 0.1
    w = z
    for scale in (1.0, 2.0, 3.0):
        w = w - h * scale * numpy.array([w[1], -w[0]])
    moved, _ = Lookahead(SimultaneousGradientDescent(h), k=3, alpha=1.0).step(Redrawn([[1.0]]), z, None)
    numpy.testing.assert_allclose(moved, w, rtol=1e-15)


def test_memories_leave_no_symbol_but_a_matrix():
    rule = Lookahead(OptimisticGradient(0.1))
    with pytest.raises(NotImplementedError, match="Lookahead has no symbol: its matrix"):
        rule.symbol(1j)
    with pytest.raises(NotImplementedError, match="AlternatingGradientDescent has no symbol"):
        Lookahead(AlternatingGradientDescent(0.1)).symbol(1j)
    assert rule.iteration_matrix(numpy.eye(2), (1, 1)).shape == (4, 4)


@pytest.mark.parametrize(
    "rule",
    [
        Lookahead(Averaged(OptimisticGradient(0.1), kind="uniform"), k=2),
        Averaged(Lookahead(Averaged(Extragradient(0.1), kind="ema"), k=3), kind="ema"),
        TimescaleSeparation(Averaged(Lookahead(OptimisticGradient(0.1))), tau=2.0),
        Lookahead(Lookahead(Lookahead(AlternatingGradientDescent(0.1), k=2), k=2), k=2),
    ],
    ids=repr,
)
def test_wrappers_compose_to_any_depth(rule, tmp_path):
    game = DiracGAN()
    path = simulate(game, rule, numpy.array([[0.5, 0.25], [0.1, 0.2]]), 3)
    assert numpy.all(numpy.isfinite(path.points))
    if rule.is_time_invariant:
        assert 0 < float(spectral_radius(rule, game, numpy.zeros(2))) < 3
    else:
        with pytest.raises(NotImplementedError, match="its step changes with time"):
            spectral_radius(rule, game, numpy.zeros(2))
    path.save(tmp_path / "path.npz")
    again = type(path).load(tmp_path / "path.npz").final_state
    onward = [simulate(game, rule, path.final, 2, state=state).final for state in (path.final_state, again)]
    numpy.testing.assert_array_equal(*onward)
    assert rule.with_step_size(0.025).step_size == 0.025
    assert rule.step_size == 0.1
    counted = Counted(game)
    rule.step(counted, path.final, path.final_state)
    assert counted.gradients == rule.cost.gradients


def test_what_does_not_fit_is_said():
    with pytest.raises(
        TypeError, match=r"`rule` of `Lookahead` must be an UpdateRule, got the class Extragradient\. Call"
    ):
        Lookahead(Extragradient)
    with pytest.raises(TypeError, match="`rule` of `Averaged` must be an UpdateRule, got float"):
        Averaged(0.1)
    with pytest.raises(ValueError, match="`k` must be at least 1, got 0"):
        Lookahead(Extragradient(0.1), k=0)
    with pytest.raises(ValueError, match=r"`alpha` must lie in \(0, 1\], got 0"):
        Lookahead(Extragradient(0.1), alpha=0)
