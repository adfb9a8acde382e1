"""Points where second derivatives do not exist, or where constraints hold."""

import numpy
import pytest

from gamedyn.equilibria import check_differential_nash, check_differential_stackelberg, classify
from gamedyn.games import Box, Clipped, Domain, FunctionGame, Game, MatrixGame, Product, Quadratic, Simplex
from tests.equilibria.games import GeneralSum


def by_differences(f, domain=None):
    return FunctionGame(
        [f, lambda x, y: y**2 / 2 - x * y / 4], dims=(1, 1), derivative="differences", domain=domain, check=False
    )


class Pieces(Game):
    """One player on x^2 / 2 for x > 0 and c x^2 / 2 for x < 0, with the slope `jump` more on the right."""

    dims = (1,)

    def __init__(self, c, jump=0.0):
        self.c, self.jump = c, jump

    def losses(self, z):
        return numpy.where(z.real > 0, z**2 / 2 + self.jump * z, self.c * z**2 / 2)

    def simultaneous_gradient(self, z):
        return numpy.where(z.real > 0, z + self.jump, self.c * z)

    def jacobian(self, z):
        return numpy.where(z > 0, 1.0, self.c)[..., None]


@pytest.mark.parametrize("c", [-1.0, 0.5, 1.001])
def test_a_jump_of_the_curvature_is_never_a_yes(c):
    found = classify(Pieces(c), [0.0])
    assert found.stationary.is_yes
    assert found.kind == "undecided"
    for name in ("differential_nash", "attracting", "strict_saddle", "attracting_not_nash", "degenerate"):
        verdict = getattr(found, name)
        assert verdict.is_undecided
        assert "not twice differentiable here: slopes of xi differ on both sides along direction 0" in verdict.reason
    assert check_differential_nash(Pieces(c), [0.0]).is_undecided


def test_a_jump_of_the_gradient_leaves_even_rest_open():
    found = classify(Pieces(1.0, 0.5), [0.0])
    assert found.stationary.is_undecided
    assert found.kind == "undecided"
    # Away from the kink nothing is wrong, and what is not stationary there stays so.
    assert classify(Pieces(1.0, 0.5), [0.1]).kind == "nonstationary"
    assert classify(Pieces(1.0), [0.0]).kind == "nash"


class Field(Game):
    """A game of a field with kinks whose Jacobian is the unit matrix on all pieces."""

    def __init__(self, dims, field):
        self.dims, self.field = dims, field

    def losses(self, z):
        return numpy.zeros((*z.shape[:-1], len(self.dims)))

    def simultaneous_gradient(self, z):
        return self.field(z)

    def jacobian(self, z):
        return numpy.broadcast_to(numpy.eye(z.shape[-1]), (*z.shape, z.shape[-1]))


def test_where_a_jump_leaves_most_of_the_gradient_nothing_rests():
    # xi is 1 on one side of the point and 1.1 on the other.
    found = classify(Field((1,), lambda z: 1 + z + 0.1 * (z > 0)), [0.0])
    assert found.kind == "nonstationary"
    assert found.stationary.is_no
    assert "not stationary" in found.differential_nash.reason
    assert found.degenerate.is_undecided
    # Here it is 1 and 0.4, and beyond both of two kinks -0.2.
    both = Field((2,), lambda z: z + numpy.stack([1 - 0.6 * (z > 0).sum(axis=-1), 0 * z[..., 0]], axis=-1))
    assert classify(both, [0.0, 0.0]).kind == "undecided"
    # A little away from the corner of |z_1| + |z_2| + |z_3|.
    assert classify(Field((3,), lambda z: numpy.where(z > 0, 1.0, -1.0) + z), [1e-9] * 3).kind == "undecided"
    # What is left of the gradient is rounding of the player who rests.
    one = Field((1, 1), lambda z: z + numpy.where(z > 0, 1.0, -1.0) * [1.0, 0.0])
    assert classify(one, [1e-9, 1e-12]).kind == "undecided"
    # Not defined beyond z_2 = 0: anything may be there.
    ended = Field((2,), lambda z: numpy.where(z[..., 1:] > 0, numpy.nan, 1 + z + 0.1 * (z > 0)))
    assert classify(ended, [0.0, 0.0]).kind == "undecided"


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: abs(x) + x**2,
        lambda x, y: -abs(x) + x**2,
        lambda x, y: abs(x - y) + x**2,
        lambda x, y: numpy.maximum(x, 0) ** 2 + x**2,
        lambda x, y: x * abs(x),
        lambda x, y: abs(x) ** 1.5,
    ],
)
def test_losses_with_kinks_by_differences(f):
    for x in (0.0, 1e-9):
        found = classify(by_differences(f), [x, 0.0])
        assert found.is_undecided
        assert found.differential_nash.is_undecided
    assert not check_differential_stackelberg(by_differences(f), [0.0, 0.0]).is_yes


def test_smooth_losses_are_not_taken_for_kinks():
    smooth = [
        lambda x, y: x**2 + x**3,
        lambda x, y: x**2 + numpy.sin(20 * x) ** 2 / 100,
        lambda x, y: numpy.cosh(x) + x**4,
    ]
    for f in smooth:
        assert classify(by_differences(f), [0.0, 0.0]).kind == "nash"
    # |x|^3 has a second derivative; one by differences is 2.0016 instead of 2, and rightly not trusted.
    assert classify(by_differences(lambda x, y: x**2 + abs(x) ** 3), [0.0, 0.0]).kind == "undecided"

    class Cusp(Pieces):
        def simultaneous_gradient(self, z):
            return super().simultaneous_gradient(z) + 3 * z * numpy.abs(z)

    assert classify(Cusp(1.0), [0.0]).kind == "nash"
    cubic = FunctionGame([lambda x, y: x**2 + 1e3 * x**3 + x * y, lambda x, y: y**2 - x * y], dims=(1, 1))
    assert classify(cubic, [0.0, 0.0]).kind == "nash"


def test_a_weak_kink_under_a_strong_third_derivative():
    class Steep(Pieces):
        def simultaneous_gradient(self, z):
            return super().simultaneous_gradient(z) + 6e3 * z**2

    assert classify(Steep(0.99), [0.0]).kind == "undecided"
    assert classify(Steep(1.0), [0.0]).kind == "nash"


def test_a_field_that_ends_at_the_point():
    class Ending(Pieces):
        def simultaneous_gradient(self, z):
            return numpy.where(z.real >= 0, z, numpy.nan)

    found = classify(Ending(1.0), [0.0])
    assert found.kind == "undecided"
    assert "not twice differentiable here" in found.differential_nash.reason


def test_batches_tell_kinks_apart():
    found = classify(Pieces(0.5), [[0.0], [0.3], [1e-9 + 0.01]])
    assert found.kind.tolist() == ["undecided", "nonstationary", "nonstationary"]


def boxed(matrix, offset, low, high):
    game = GeneralSum(matrix, (1,) * len(matrix))
    field = game.simultaneous_gradient

    class Boxed(Game):
        dims = game.dims
        domain = Box(low, high)

        def losses(self, z):
            return game.losses(z) + z * numpy.asarray(offset)

        def simultaneous_gradient(self, z):
            return field(z) + numpy.asarray(offset)

    return Boxed()


def test_a_bound_that_presses_holds_a_nash_point():
    # xi = (x + y + 1, y - x) at (0, 0) in x >= 0: the multiplier is 1, and player 1 has curvature 1.
    found = classify(boxed([[1, 1], [-1, 1]], [1.0, 0.0], [0.0, -1.0], [1.0, 1.0]), [0.0, 0.0])
    assert found.kind == "nash"
    assert "within the constraints that hold here" in found.stationary.reason
    assert found.attracting.is_yes
    # Player 0's own curvature, negative, cannot be felt; player 1's can.
    assert classify(boxed([[-5, 1], [-1, 1]], [1.0, 0.0], [0.0, -1.0], [1.0, 1.0]), [0.0, 0.0]).kind == "nash"
    found = classify(boxed([[1, 1], [-1, -1]], [1.0, 0.0], [0.0, -1.0], [1.0, 1.0]), [0.0, 0.0])
    assert found.differential_nash.is_no
    assert found.attracting.is_no


def test_a_bound_that_pulls_is_not_stationary():
    found = classify(boxed([[1, 1], [-1, 1]], [-1.0, 0.0], [0.0, -1.0], [1.0, 1.0]), [0.0, 0.0])
    assert found.kind == "nonstationary"
    # The residual is the multiplier -1 over max(|J_0| (1 + 0), |xi_0|) = sqrt(2).
    assert found.residual == pytest.approx(2**-0.5)
    # At the upper bound signs turn round.
    assert classify(boxed([[1, 1], [-1, 1]], [-3.0, 0.0], [0.0, -1.0], [1.0, 2.0]), [1.0, 1.0]).kind == "nash"
    # xi_0 = -1 there, and the tangential part of player 1 is y - x = 0.5.
    found = classify(boxed([[1, 1], [-1, 1]], [-3.0, 0.0], [0.0, -1.0], [1.0, 2.0]), [1.0, 1.5])
    assert found.kind == "nonstationary"


def test_a_multiplier_of_zero_leaves_the_second_order_open():
    found = classify(boxed([[1, 1], [-1, 1]], [0.0, 0.0], [0.0, -1.0], [1.0, 1.0]), [0.0, 0.0])
    assert found.stationary.is_yes
    assert found.kind == "undecided"
    assert "strict complementarity" in found.differential_nash.reason


def test_a_corner_needs_no_curvature():
    found = classify(boxed([[-1, 1], [-1, -1]], [1.0, 2.0], 0.0, 1.0), [0.0, 0.0])
    assert found.kind == "nash"
    assert found.differential_nash.margin == numpy.inf
    assert found.eigenvalues.shape == (2,)


def test_matrix_games_on_simplices():
    # Prisoner's dilemma: to confess is strictly better, whatever the other does.
    dilemma = MatrixGame([[-1.0, -3.0], [0.0, -2.0]], [[-1.0, 0.0], [-3.0, -2.0]])
    assert classify(dilemma, [0.0, 1.0, 0.0, 1.0]).kind == "nash"
    assert classify(dilemma, [1.0, 0.0, 1.0, 0.0]).kind == "nonstationary"
    assert classify(dilemma, [0.5, 0.5, 0.5, 0.5]).kind == "nonstationary"
    # Matching pennies: rest at the mixture only, where nobody has curvature, within the simplex.
    pennies = MatrixGame([[1.0, -1.0], [-1.0, 1.0]])
    found = classify(pennies, [[0.5] * 4, [1.0, 0.0, 1.0, 0.0]])
    assert found.kind.tolist() == ["marginal", "nonstationary"]
    assert found.differential_nash.is_no.all()
    # Coordination: the mixture is a saddle of the projected flow; 3 p = 1 - p makes both actions cost the same.
    together = MatrixGame([[3.0, 0.0], [0.0, 1.0]], [[3.0, 0.0], [0.0, 1.0]])
    found = classify(together, [0.25, 0.75, 0.25, 0.75])
    assert found.kind == "saddle"
    assert found.strict_saddle.is_yes


def test_curvature_is_that_within_the_simplex():
    # |p - c|^2 / 2 minus 2 (p_0 + p_1 + p_2)^2: along the simplex only the first part changes.
    centre, ones = numpy.array([0.2, 0.3, 0.5]), numpy.ones((3, 3))

    game = Quadratic([numpy.eye(3) - 4 * ones], (3,), [-centre], domain=Product([Simplex()], [3]))
    found = classify(game, centre)
    assert found.kind == "nash"
    assert found.differential_nash.margin == pytest.approx(1.0)


def test_clipped_games_on_their_bound():
    game = Clipped(GeneralSum([[1, 1], [-1, 0.5]], (1, 1)), 1.0)
    # xi = (0, 1 + 1/2) at (-1, 1): the bound pulls, gradient descent would lower y; at (1, -1) it is the same.
    assert classify(game, [-1.0, 1.0]).kind == "nonstationary"
    assert "constraints" in classify(game, [-1.0, 1.0]).stationary.reason


class Ball(Domain):
    """The unit disc, of which no faces are known."""

    def contains(self, z):
        return numpy.sum(z * z, axis=-1) <= 1 + 1e-12

    def project(self, z):
        return z / numpy.maximum(1, numpy.sqrt(numpy.sum(z * z, axis=-1, keepdims=True)))

    def mirror(self, z):
        return z

    def mirror_inverse(self, dual):
        return dual

    def tangent_projection(self, z, v):
        on = numpy.sum(z * z, axis=-1, keepdims=True) >= 1 - 1e-12
        out = numpy.maximum(numpy.sum(z * v, axis=-1, keepdims=True), 0)
        return numpy.where(on, v - out * z, v)


def test_unknown_domains_are_open_on_their_boundary_only():
    class Round(GeneralSum):
        domain = Ball()

    game = Round(numpy.eye(2), (1, 1))
    assert classify(game, [0.0, 0.0]).kind == "nash"
    found = classify(game, [1.0, 0.0])
    assert found.kind == "undecided"
    assert "constraints of the game's domain hold here" in found.stationary.reason


def test_batched_equals_one_by_one(rng):
    """Verdicts and margins of many games' points at once, the edge cases among them."""
    games = [Pieces(0.5), GeneralSum([[1, 1], [-1, 0]], (1, 1)), MatrixGame([[1.0, -1.0], [-1.0, 1.0]])]
    batches = [
        rng.choice([0.0, 1e-10, 0.2, -0.3], size=(12, 1)),
        rng.choice([0.0, 1e-10, 0.2, -1e-12], size=(20, 2)),
        numpy.concatenate([p := rng.choice([0.0, 0.5, 1.0], size=(12, 1)), 1 - p, p, 1 - p], axis=-1),
    ]
    for game, points in zip(games, batches, strict=True):
        together = classify(game, points)
        for k, point in enumerate(points):
            alone = classify(game, point)
            assert together.kind[k] == alone.kind
            for name in ("stationary", "differential_nash", "attracting", "attracting_not_nash", "degenerate"):
                assert getattr(together, name).answer[k] == getattr(alone, name).answer
                assert getattr(together, name).margin[k] == pytest.approx(getattr(alone, name).margin, rel=1e-12)
