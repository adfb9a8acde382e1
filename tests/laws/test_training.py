"""Training on minibatches: every rule plays a conditional GAN on packs, in both precisions, and resumes to the bit."""

import numpy
import pytest

from gamedyn.dynamics import Status, simulate
from gamedyn.games import Regularized, Unrolled, WrappedDraws
from gamedyn.updates import Adam, Extragradient, FollowTheRidge, InnerSteps, LocalSymplecticSurgery, StackelbergGradient
from tests.cases import OBJECTIVES, RULES
from tests.gan_games import neural_gan, normalized_gan, semi_supervised_gan, shown_gan
from tests.laws.test_updates import leaves


def divides_by_a_hessian(rule):
    """Whether the rule solves with an own Hessian or J as it is."""
    bare = isinstance(rule, LocalSymplecticSurgery) and rule.regularisation == 0
    return bare or isinstance(rule, FollowTheRidge | StackelbergGradient)


def gan_for(rule, dtype):
    """A GAN of labelled pairs of points in that precision.

    One-hot inputs beside a bias leave a direction that no loss sees, and no Hessian can be divided by.
    """
    make = neural_gan if divides_by_a_hessian(rule) else lambda **options: shown_gan(2, 2, **options)
    return make(data=neural_gan().data.astype(dtype))


def assert_moved(path, dims):
    """Finite at all steps, and every player of every member has moved at each."""
    assert numpy.all(path.status == Status.MAX_STEPS)
    assert numpy.isfinite(path.points).all()
    moves = abs(numpy.diff(path.points, axis=0))
    for block in (slice(0, dims[0]), slice(dims[0], None)):
        assert (moves[..., block].max(axis=-1) > 0).all()


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_every_rule_trains_on_minibatches_and_resumes(rule):
    model = gan_for(rule, "float32")
    z = model.init(0, batch_shape=(2,))
    whole = simulate(model, rule, z, 4, rng=numpy.random.default_rng(5))
    assert whole.points.dtype == numpy.float32
    assert_moved(whole, model.dims)

    rng = numpy.random.default_rng(5)
    first = simulate(model, rule, z, 2, rng=rng)
    second = simulate(model, rule, first.final, 2, rng=rng, state=first.final_state)
    numpy.testing.assert_array_equal(second.points, whole.points[2:])
    start = rule.init(model.draw(0), z)
    for leaf, other, old in zip(leaves(second.final_state), leaves(whole.final_state), leaves(start), strict=True):
        numpy.testing.assert_array_equal(leaf, other)
        assert (leaf.shape, leaf.dtype) == (old.shape, old.dtype)
        assert leaf.dtype == numpy.float32 or leaf.dtype.kind in "iub"


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_every_rule_trains_in_double_precision(rule):
    model = gan_for(rule, "float64")
    path = simulate(model, rule, model.init(0), 2, rng=5)
    assert path.points.dtype == numpy.float64
    assert_moved(path, model.dims)


@pytest.mark.parametrize("rule", [FollowTheRidge(0.1), StackelbergGradient(0.1), StackelbergGradient(0.1, leader=1)])
def test_a_hessian_that_labels_make_singular_is_refused_by_name(rule):
    model = shown_gan(2, 2)
    with pytest.raises(ValueError, match=f"`{type(rule).__name__}` divides by the Hessian of player"):
        simulate(model, rule, model.init(0), 1, rng=0)


@pytest.mark.parametrize("objective", OBJECTIVES, ids=repr)
def test_every_objective_trains_every_kind_of_gan(objective):
    kinds = [
        shown_gan(2, 2, objective=objective),
        normalized_gan(objective),
        semi_supervised_gan(objective),
        WrappedDraws(neural_gan(objective), lambda game: Unrolled(game, steps=2)),
        WrappedDraws(shown_gan(1, 2, objective=objective), lambda game: Regularized(game, r1=0.1)),
    ]
    rules = [InnerSteps(Adam(0.01), (1, 2), player_order=(1, 0)), Extragradient(0.01)]
    for k, game in enumerate(kinds):
        z = getattr(game, "game", game).init(0)
        assert_moved(simulate(game, rules[k % 2], z, 2, rng=0), game.dims)
