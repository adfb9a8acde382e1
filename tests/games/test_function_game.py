"""Games of a user's own functions."""

import copy
import math
import warnings

import numpy
import pytest

from gamedyn.backend import to_host
from gamedyn.dynamics import simulate
from gamedyn.equilibria import classify
from gamedyn.games import Box, FunctionGame, weak_attractor
from gamedyn.updates import SimultaneousGradientDescent
from tests.named_games import coupled, coupled_gradient, opposed

PARTS = [lambda x, y: x**2 / 2 + 10 * x * y, lambda x, y: y**2 / 2 - 10 * x * y]


def whole(z):
    x, y = z[..., 0], z[..., 1]
    return numpy.stack([x**2 / 2 + 10 * x * y, y**2 / 2 - 10 * x * y], axis=-1)


def as_tuple(z):
    return z[..., 0] ** 2 / 2 + 10 * z[..., 0] * z[..., 1], z[..., 1] ** 2 / 2 - 10 * z[..., 0] * z[..., 1]


def one_point(z):
    # Right for one point; for two points of two coordinates it returns the right shape and wrong numbers.
    return numpy.stack([z[0] ** 2 / 2 + 10 * z[0] * z[1], z[1] ** 2 / 2 - 10 * z[0] * z[1]])


def scalar_only(x, y):
    if numpy.ndim(x):
        raise RuntimeError("one point only")
    return x**2 / 2 + 10 * x * y


EVERY_FORM = [PARTS, tuple(PARTS), whole, as_tuple, one_point, [scalar_only, lambda x, y: y**2 / 2 - 10 * x * y]]


@pytest.mark.parametrize("derivative", ["complex-step", "differences"])
@pytest.mark.parametrize("losses", EVERY_FORM)
def test_every_form_of_losses_is_the_same_game(losses, derivative, rng):
    known, tolerance = weak_attractor(), 1e-13 if derivative == "complex-step" else 1e-10
    game = FunctionGame(losses, (1, 1), derivative=derivative)
    for shape in ((2,), (2, 2), (3, 2), (2, 3, 2)):
        z = rng.standard_normal(shape)
        numpy.testing.assert_allclose(game.losses(z), known.losses(z), rtol=1e-14, atol=1e-14)
        for name in ("loss_gradients", "simultaneous_gradient"):
            numpy.testing.assert_allclose(getattr(game, name)(z), getattr(known, name)(z), atol=50 * tolerance)
        for name in ("jacobian", "loss_hessians"):
            numpy.testing.assert_allclose(getattr(game, name)(z), getattr(known, name)(z), atol=1e-7)


def test_three_lines_play_a_game():
    game = FunctionGame([lambda x, y: x * y, lambda x, y: -x * y], dims=(1, 1))
    path = simulate(game, SimultaneousGradientDescent(0.5), [3.0, 4.0], steps=1)
    assert path.final.tolist() == [1.0, 5.5]
    assert classify(game, [0.0, 0.0]).kind == "marginal"


def test_the_complex_step_is_exact_and_second_derivatives_nearly(rng):
    # exp(x sin y): derivatives known in closed form.
    game = FunctionGame([lambda x, y: numpy.exp(x * numpy.sin(y)), lambda x, y: x**3 * y**4], (1, 1))
    z = rng.uniform(-1, 1, (20, 2))
    x, y = z[:, 0], z[:, 1]
    e, s, c = numpy.exp(x * numpy.sin(y)), numpy.sin(y), numpy.cos(y)
    xi = numpy.stack([s * e, 4 * x**3 * y**3], axis=-1)
    numpy.testing.assert_allclose(game.simultaneous_gradient(z), xi, rtol=1e-14, atol=1e-15)
    jacobian = numpy.stack(
        [numpy.stack([s**2 * e, (c + x * s * c) * e], -1), numpy.stack([12 * x**2 * y**3, 12 * x**3 * y**2], -1)], -2
    )
    numpy.testing.assert_allclose(game.jacobian(z), jacobian, atol=2e-11)
    slow = FunctionGame(
        [lambda x, y: numpy.exp(x * numpy.sin(y)), lambda x, y: x**3 * y**4], (1, 1), derivative="differences"
    )
    numpy.testing.assert_allclose(slow.simultaneous_gradient(z), xi, atol=1e-11)
    numpy.testing.assert_allclose(slow.jacobian(z), jacobian, atol=1e-7)


def test_a_given_gradient_is_used_and_differentiated(rng):
    calls = []

    def gradient(z):
        calls.append(z.shape)
        return coupled_gradient(z)

    game = FunctionGame([coupled, opposed], (2, 1), gradient=gradient)
    z = rng.standard_normal((4, 3))
    numpy.testing.assert_array_equal(game.simultaneous_gradient(z), coupled_gradient(z))
    a, b, y = z[:, 0], z[:, 1], z[:, 2]
    zero, two = 0 * a, 2 + 0 * a
    rows = [[2 * y, zero, 2 * a], [zero, 3 * b**2, y], [-2 * a, zero, two]]
    expected = numpy.stack([numpy.stack(row, axis=-1) for row in rows], axis=-2)
    numpy.testing.assert_allclose(game.jacobian(z), expected, rtol=1e-14, atol=1e-14)
    assert calls[-1] == (3, 4, 3)


def test_a_given_jacobian_is_used(rng):
    matrix = numpy.array([[1.0, 10.0], [-10.0, 1.0]])
    game = FunctionGame(PARTS, (1, 1), jacobian=lambda z: numpy.broadcast_to(matrix, (*z.shape[:-1], 2, 2)))
    z, v = rng.standard_normal((2, 3, 2))
    numpy.testing.assert_array_equal(game.jacobian(z), numpy.broadcast_to(matrix, (3, 2, 2)))
    numpy.testing.assert_allclose(game.jvp(z, v), v @ matrix.T, rtol=1e-14)


def test_functions_of_real_numbers_are_played_by_differences():
    def bowl(x, y):
        return abs(x - y) ** 3 + math.cos(y)

    game = FunctionGame([bowl, lambda x, y: max(x, y) ** 2], (1, 1), derivative="differences")
    found = game.simultaneous_gradient(numpy.array([[2.0, 1.0], [1.0, 3.0]]))
    numpy.testing.assert_allclose(found, [[3.0, 0.0], [-12.0, 6.0]], atol=1e-9)


def test_libraries_and_precisions_are_kept(game_library):
    game = FunctionGame(PARTS, (1, 1))
    for dtype, tolerance in (("float64", 1e-13), ("float32", 2e-5)):
        z = game_library.asarray([[0.5, -1.5], [2.0, 0.25]], dtype=dtype)
        for name in ("losses", "loss_gradients", "simultaneous_gradient", "jacobian", "loss_hessians"):
            value = getattr(game, name)(z)
            assert game_library.owns(value, dtype), name
            expected = getattr(weak_attractor(), name)(to_host(z).astype(float))
            bound = tolerance if "gradient" in name or name == "losses" else (1e-9 if dtype == "float64" else 2e-3)
            numpy.testing.assert_allclose(game_library.host(value), expected, rtol=bound, atol=20 * bound)


def test_constants_and_empty_batches():
    game = FunctionGame([lambda x, y: 3, lambda x, y: y**2], (1, 1))
    assert game.losses(numpy.ones((2, 2))).tolist() == [[3.0, 1.0]] * 2
    assert game.simultaneous_gradient(numpy.ones((2, 2))).tolist() == [[0.0, 2.0]] * 2
    told = FunctionGame([lambda x, y: 3, lambda x, y: y**2], (1, 1), vectorized=True)
    assert told.losses(numpy.ones((2, 2))).tolist() == [[3.0, 1.0]] * 2
    assert FunctionGame(one_point, (1, 1), vectorized=False).losses(numpy.ones((0, 2))).shape == (0, 2)


def test_the_domain_is_kept_and_copies_work():
    game = FunctionGame(PARTS, (1, 1), domain=Box(0.0, 1.0))
    again = copy.deepcopy(game)
    assert again.domain.project(numpy.array([-1.0, 2.0])).tolist() == [0.0, 1.0]
    assert repr(again) == "FunctionGame(dims=(1, 1), derivative='complex-step')"


def both(loss):
    return [lambda x, y: x * y, loss]


# What is wrong with the functions, seen at the first evaluation.
WRONG = [
    (
        both(lambda x, y: numpy.log(x - 5)),
        {},
        ValueError,
        r"`losses\[1\]` must be numbers, got NaN at z = \[1.0, 2.0\]",
    ),
    (both(lambda x, y: x * 1j), {}, ValueError, r"`losses\[1\]` must be real at real points, got complex128"),
    (both(lambda x, y: "a"), {}, TypeError, r"`losses\[1\]` must return numbers or arrays, got 'a' of type str"),
    (both(lambda x, y: numpy.ones(3)), {}, ValueError, r"`losses\[1\]` must return the shape \(\) at points of shape"),
    (lambda z: (z[..., 0],), {}, ValueError, "`losses` must return 2 entries for a point, got 1"),
    (lambda z: z[..., 0], {}, ValueError, r"`losses` must return the shape \(2,\) at points of shape \(2,\), got \(\)"),
    (both(lambda x, y: math.sin(y)), {}, TypeError, 'must accept complex numbers .* Pass derivative="differences"'),
    (both(lambda x, y: abs(y)), {}, ValueError, r"`losses\[1\]` must be analytic .* gives 0 .* in z\[1\] .* give 1"),
    (both(lambda x, y: (y * numpy.conj(y)) / 1), {}, ValueError, r"`losses\[1\]` must be analytic"),
    (
        PARTS,
        {"gradient": lambda z: -FunctionGame(PARTS, (1, 1)).simultaneous_gradient(z)},
        ValueError,
        r"`gradient` must be .* got -21 in z\[0\] .* of losses\[0\] give 21. Is a utility given for a loss",
    ),
    (
        PARTS,
        {"jacobian": lambda z: [[1.0, 10.0], [10.0, 1.0]]},
        ValueError,
        r"`jacobian` must be .* got 10 at \[1, 0\] where differences give -10",
    ),
    (
        PARTS,
        {"jacobian": lambda z: [[0.5, 10.0], [-10.0, 0.5]]},
        ValueError,
        r"`jacobian` must be .* got 0.5 at \[0, 0\] where differences give 1",
    ),
    (PARTS, {"gradient": lambda z: z[..., :1]}, ValueError, r"`gradient` must return the shape \(2,\)"),
]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("losses", "options", "kind", "message"), WRONG)
def test_wrong_functions_are_seen_at_the_first_evaluation(losses, options, kind, message):
    for name in ("losses", "simultaneous_gradient", "jacobian"):
        with pytest.raises(kind, match=message):
            getattr(FunctionGame(losses, (1, 1), **options), name)(numpy.array([1.0, 2.0]))
    with pytest.raises(kind, match=message):
        simulate(FunctionGame(losses, (1, 1), **options), SimultaneousGradientDescent(0.1), [1.0, 2.0], steps=1)


def test_casts_that_drop_the_imaginary_part_are_a_refusal():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(TypeError, match="must accept complex numbers"):
            FunctionGame(both(lambda x, y: numpy.asarray(y).astype(float)), (1, 1)).losses(numpy.array([1.0, 2.0]))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("function", [numpy.log, numpy.sqrt, numpy.arcsin, lambda t: t**1.5])
def test_derivatives_off_the_domain_of_a_function_are_nan(function):
    # Complex numbers have a logarithm everywhere: the complex step must not take its branch for a slope.
    game = FunctionGame([lambda x, y: function(x) * y, lambda x, y: y**2], (1, 1))
    found = game.simultaneous_gradient(numpy.array([[0.25, 1.0], [-4.0, 1.0]]))
    assert numpy.isfinite(found[0]).all()
    assert numpy.isnan(found[1, 0])


def test_sums_over_the_whole_batch_are_found_out():
    # The right shape for a batch, and wrong numbers: such a function is called point by point.
    game = FunctionGame([lambda x, y: numpy.sum(x * y) + 0 * x, lambda x, y: y**2], (1, 1))
    z = numpy.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    assert game.losses(z).tolist() == [[2.0, 4.0], [12.0, 16.0], [30.0, 36.0]]
    assert game.simultaneous_gradient(z).tolist() == [[2.0, 4.0], [4.0, 8.0], [6.0, 12.0]]


def test_results_take_the_precision_of_the_point():
    def double(x, y):
        return x * y * numpy.ones(numpy.shape(x))

    def whole_number(x, y):
        return numpy.ones(numpy.shape(y), dtype=int)

    game = FunctionGame([double, whole_number], (1, 1), vectorized=True)
    z = numpy.array([[2.0, 3.0]], dtype=numpy.float32)
    assert game.losses(z).dtype == numpy.float32
    assert game.losses(z).tolist() == [[6.0, 1.0]]


def test_differences_keep_their_digits_far_from_the_origin():
    game = FunctionGame([lambda x, y: x**3, lambda x, y: y**2], (1, 1), derivative="differences")
    z = numpy.array([2e6, -3e6])
    numpy.testing.assert_allclose(game.simultaneous_gradient(z), [1.2e13, -6e6], rtol=1e-10)
    numpy.testing.assert_allclose(game.jacobian(z), [[1.2e7, 0.0], [0.0, 2.0]], rtol=1e-6, atol=1e-3)


def test_the_comparison_can_be_turned_off():
    # At a kink differences see the mean of both slopes.
    kink = both(lambda x, y: numpy.where(numpy.real(y) > 2, y, 0 * y))
    z = numpy.array([1.0, 2.0])
    with pytest.raises(ValueError, match="must be analytic"):
        FunctionGame(kink, (1, 1)).losses(z)
    assert FunctionGame(kink, (1, 1), check=False).simultaneous_gradient(z).tolist() == [2.0, 0.0]


def test_a_given_gradient_spares_losses_the_complex_step():
    game = FunctionGame(
        [lambda x, y: math.cos(x) + y, lambda x, y: y**2],
        (1, 1),
        gradient=lambda z: numpy.stack([-numpy.sin(z[..., 0]), 2 * z[..., 1]], axis=-1),
    )
    assert game.simultaneous_gradient(numpy.array([0.0, 1.0])).tolist() == [0.0, 2.0]
    with pytest.raises(TypeError, match="must accept complex numbers"):
        game.loss_gradients(numpy.array([0.0, 1.0]))


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({"losses": PARTS, "dims": (1, 1, 1)}, ValueError, "one function per player, got 2 for 3 players"),
        ({"losses": "x*y", "dims": (1, 1)}, TypeError, r"`losses` must be a function of z, .* got 'x\*y'"),
        ({"losses": [PARTS[0], 3.0], "dims": (1, 1)}, TypeError, "or one function per player"),
        ({"losses": PARTS, "dims": ()}, ValueError, r"`dims` must hold the size of at least one player, got \(\)"),
        ({"losses": PARTS, "dims": (1, 0)}, ValueError, r"`dims\[1\]` must be at least 1, got 0"),
        ({"losses": PARTS, "dims": (1, 1), "gradient": 3.0}, TypeError, "`gradient` must be a function of z, got 3.0"),
        ({"losses": PARTS, "dims": (1, 1), "derivative": "step"}, ValueError, "`derivative` must be one of 'complex"),
    ],
)
def test_bad_arguments_are_one_sentence(arguments, kind, message):
    with pytest.raises(kind, match=message):
        FunctionGame(**arguments)


def test_functions_that_write_into_their_argument_change_no_point_of_the_caller():
    def squares(z):
        z *= z
        return z[..., 0] + z[..., 1], z[..., 0] * z[..., 1]

    game = FunctionGame(squares, (1, 1))
    z = numpy.array([[2.0, 3.0], [1.0, -1.0]])
    # L_0 = x^2 + y^2 and L_1 = x^2 y^2.
    numpy.testing.assert_allclose(game.simultaneous_gradient(z), [[4.0, 24.0], [2.0, -2.0]], rtol=1e-14)
    assert z.tolist() == [[2.0, 3.0], [1.0, -1.0]]


def test_sizes_and_domains_are_checked():
    with pytest.raises(TypeError, match=r"`dims` must hold the size of every player, as \(1, 1\), got 2\."):
        FunctionGame([lambda x, y: x * y] * 2, 2)
    with pytest.raises(TypeError, match=r"`domain` must be a Domain, such as Box\(0.0, 1.0\), got 'box'\."):
        FunctionGame([lambda x, y: x * y] * 2, (1, 1), domain="box")
    game = FunctionGame([lambda x, y: x * y] * 2, (1, 1))
    with pytest.raises(
        ValueError, match=r"Points of FunctionGame\(.*\) must be arrays of shape \(..., 2\), got \(3,\)"
    ):
        game.losses(numpy.ones(3))
    with pytest.raises(ValueError, match=r"must be arrays of shape \(..., 2\), got \[1.0, 2.0\]"):
        game.losses([1.0, 2.0])
    with pytest.raises(ValueError, match=r"must be arrays of shape \(..., 2\), got \(\)"):
        game.losses(numpy.array(1.0))
    with pytest.raises(TypeError, match=r"Points of FunctionGame.* must be floating numbers, got int64"):
        game.losses(numpy.array([1, 2]))


def test_a_kink_where_a_game_is_first_asked_is_seen_beside_it():
    # |x| has the differences 0 at 0, and the complex step gives 0 everywhere.
    game = FunctionGame([lambda x: numpy.abs(x) + x**2], (1,))
    with pytest.raises(ValueError, match="analytic for the complex step"):
        game.simultaneous_gradient(numpy.zeros(1))
    plain = FunctionGame([lambda x: numpy.abs(x) + x**2], (1,), derivative="differences")
    assert float(plain.simultaneous_gradient(numpy.array([0.5]))[0]) == pytest.approx(2.0, rel=1e-9)
    found = classify(plain, [0.0])
    assert found.differential_nash.is_undecided
    # A root is not defined on one side: that is no fault.
    root = FunctionGame([lambda x: x**1.5], (1,))
    with numpy.errstate(invalid="ignore"):
        assert float(root.simultaneous_gradient(numpy.array([1.0]))[0]) == pytest.approx(1.5)
