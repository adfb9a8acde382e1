"""Anchored extragradient against the published bounds on |xi|^2."""

import numpy
import pytest

from gamedyn.games import DiracGAN, Quadratic
from gamedyn.updates import AnchoredExtragradient, Extragradient
from tests.updates.monotone import games, path, rotations, sizes

K = numpy.arange(301)[:, None]


def test_the_anchor_weighs_one_over_k_plus_two():
    # x^2 / 2, h = 1/2 from 8: 8 - 4 / 2 = 6. Then c = 6 + 2/3, ahead c - 3 = 11/3, and c - 11/6 = 29/6.
    points = path(AnchoredExtragradient(0.5), Quadratic([[[1.0]]], (1,)), numpy.array([8.0]), 2)
    assert points[:, 0].tolist() == pytest.approx([8.0, 6.0, 29 / 6], rel=1e-15, abs=0.0)


def test_the_first_step_is_one_of_extragradient(rng):
    z = rng.standard_normal((3, 2))
    first = path(AnchoredExtragradient(0.3, variant="varying"), DiracGAN(), z, 1)[1]
    numpy.testing.assert_array_equal(first, Extragradient(0.3).step(DiracGAN(), z, None)[0])


def hard(rng):
    """Monotone games of Lipschitz constant 1, one of them with rotations of every frequency."""
    return [*games(rng), rotations([numpy.pi / 2] * 12, numpy.geomspace(1e-3, 1, 12))]


@pytest.mark.parametrize(
    ("rule", "bound"),
    [
        (AnchoredExtragradient(1 / 8), 260 / (K + 1) ** 2),
        (AnchoredExtragradient(0.618, variant="varying"), 27 / ((K + 1) * (K + 2))),
        (AnchoredExtragradient(0.618, variant="varying", lipschitz=1.0), 27 / ((K + 1) * (K + 2))),
    ],
    ids=["constant", "varying", "varying-lipschitz"],
)
def test_the_gradient_obeys_the_published_bound(rule, bound, rng):
    for game in hard(rng):
        z = rng.standard_normal((8, sum(game.dims)))
        z /= numpy.linalg.norm(z, axis=-1, keepdims=True)
        assert (sizes(rule, game, z, 300) ** 2 <= bound).all()


def test_its_order_is_one_over_k_where_extragradients_is_one_over_the_root():
    # Worst frequency at every k: |xi| k stays bounded, and grows as the root of k without an anchor.
    frequencies = numpy.geomspace(1e-3, 1, 60)
    game, worst = rotations([numpy.pi / 2] * 60, frequencies), {}
    rules = {"anchored": AnchoredExtragradient(0.618, variant="varying"), "plain": Extragradient(0.5)}
    for name, rule in rules.items():
        points = path(rule, game, numpy.tile([1.0, 0.0], 60), 400)[[25, 100, 400]].reshape(3, 60, 2)
        worst[name] = numpy.max(numpy.linalg.norm(points, axis=-1) * frequencies, axis=-1) * [25, 100, 400]
    assert worst["anchored"][2] / worst["anchored"][1] == pytest.approx(1, rel=0.05, abs=0.0)
    assert worst["plain"][1:] / worst["plain"][:-1] == pytest.approx([2, 2], rel=0.05, abs=0.0)


def test_varying_steps_fall_to_the_published_limit():
    # 0.618 / R falls to about 0.437 / R.
    rule = AnchoredExtragradient(0.618 / 4, variant="varying")
    z, state = numpy.ones(2), rule.init(DiracGAN(), numpy.ones(2))
    steps = [float(state.step)]
    for _ in range(2000):
        z, state = rule.step(DiracGAN(), z, state)
        steps.append(float(state.step))
    assert steps[0] == 0.618 / 4
    # a_1 = a_0 (1 - q / (3 (1 - q))), q = 0.618^2.
    assert steps[1] == pytest.approx(0.618 / 4 * (1 - 0.618**2 / (3 * (1 - 0.618**2))), rel=1e-14, abs=0.0)
    assert (numpy.diff(steps) < 0).all()
    assert 4 * steps[-1] == pytest.approx(0.437, rel=0.0, abs=5e-4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"variant": "varied"}, "`variant` must be one of 'constant', 'varying', got 'varied'. Did you mean 'varying'"),
        ({"lipschitz": 1.0}, '`lipschitz` is used by the variant "varying" only'),
        (
            {"variant": "varying", "lipschitz": 7.5},
            r"`step_size` times `lipschitz` must be less than 3/4, got 0\.1 and 7\.5",
        ),
        ({"variant": "varying", "lipschitz": -1.0}, "`lipschitz` must be positive and finite, got -1"),
    ],
)
def test_variants_and_constants_must_fit(arguments, message):
    with pytest.raises(ValueError, match=message):
        AnchoredExtragradient(0.1, **arguments)
