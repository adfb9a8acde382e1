"""Domains of joint points: projections against quadratic programs, mirror maps against derivatives of potentials."""

import math

import numpy
import pytest
from scipy.optimize import minimize

from gamedyn.games import Box, Product, Reals, Simplex

BOX = Box([0.0, -1.0, -math.inf, 2.0, -math.inf], [1.0, math.inf, 3.0, 2.5, math.inf])
DOMAINS = [(Reals(), 4), (BOX, 5), (Simplex(), 4), (Product([Simplex(), BOX, Reals()], (3, 5, 2)), 10)]
every_domain = pytest.mark.parametrize(("domain", "d"), DOMAINS, ids=lambda value: repr(value))


def spread(rng, shape):
    """Points of many sizes, with ties."""
    return numpy.round(rng.standard_normal(shape), 1) * 10.0 ** rng.integers(-1, 3, (*shape[:-1], 1))


def test_reals_hold_every_finite_point(game_library):
    points = game_library.asarray([[0.0, 1.0], [numpy.inf, 0.0], [0.0, numpy.nan]])
    assert game_library.host(Reals().contains(points)).tolist() == [True, False, False]
    assert Reals().project(points) is points
    assert Reals().mirror(points) is points
    assert Reals().mirror_inverse(points) is points
    assert Reals().tangent_projection(points, 2 * points).shape == (3, 2)


def test_boxes_clip(game_library):
    box = Box([0.0, -1.0], [1.0, numpy.inf])
    points = game_library.asarray([[0.5, 3.0], [2.0, -2.0], [1.0, -1.0]])
    assert game_library.host(box.contains(points)).tolist() == [True, False, True]
    projected = box.project(points)
    assert game_library.owns(projected)
    assert game_library.host(projected).tolist() == [[0.5, 3.0], [1.0, -1.0], [1.0, -1.0]]


def test_simplices_hold_non_negative_points_of_sum_one(game_library):
    points = game_library.asarray([[0.25, 0.75, 0.0], [0.5, 0.6, -0.1], [0.5, 0.5, 0.5], [1.0, 0.0, math.nan]])
    assert game_library.host(Simplex().contains(points)).tolist() == [True, False, False, False]


@pytest.mark.parametrize("d", [1, 2, 3, 7, 50])
def test_projection_onto_the_simplex_meets_the_conditions_of_its_quadratic_program(d, rng):
    # Karush, Kuhn, Tucker of min |w - z|^2: w - z is the same number where w > 0 and no less elsewhere.
    z = spread(rng, (200, d))
    w = Simplex().project(z)
    scale = 1 + abs(z).max(-1, keepdims=True)
    assert numpy.all(w >= 0)
    numpy.testing.assert_allclose(w.sum(-1), 1, rtol=0, atol=1e-15 * d)
    multiplier = numpy.where(w > 0, z - w, math.inf).min(-1, keepdims=True)
    assert numpy.all(abs(numpy.where(w > 0, z - w - multiplier, 0)) <= 1e-14 * scale)
    assert numpy.all(z - w <= multiplier + 1e-14 * scale)


def test_projection_onto_the_simplex_agrees_with_a_solver_of_quadratic_programs(rng):
    for z in rng.standard_normal((5, 6)):
        found = minimize(
            lambda w, z=z: ((w - z) ** 2).sum(),
            numpy.full(6, 1 / 6),
            jac=lambda w, z=z: 2 * (w - z),
            bounds=[(0, 1)] * 6,
            constraints={"type": "eq", "fun": lambda w: w.sum() - 1, "jac": numpy.ones_like},
            method="SLSQP",
            options={"ftol": 1e-15},
        )
        numpy.testing.assert_allclose(Simplex().project(z), found.x, rtol=0, atol=1e-6)


def test_large_coordinates_do_not_cost_digits(rng):
    # A common shift changes nothing, and numbers next to 1e8 lose it exactly.
    z = 1e8 + rng.standard_normal((20, 6))
    numpy.testing.assert_allclose(Simplex().project(z), Simplex().project(z - 1e8), rtol=0, atol=1e-15)


def test_coordinates_at_the_waterline_do_not_fall_below_zero(rng):
    z = rng.standard_normal((20000, 8))
    w = Simplex().project(z[:, 1:])
    row, top = numpy.arange(len(z)), w.argmax(-1)
    # The number that the others lose: as the first coordinate it is left with nothing.
    z[:, 0] = z[row, 1 + top] - w[row, top]
    projected = Simplex().project(z)
    assert projected.min() == 0
    numpy.testing.assert_allclose(projected[:, 1:], w, rtol=0, atol=1e-14)


@every_domain
def test_projections_are_idempotent_and_do_not_expand(domain, d, rng):
    z, other = spread(rng, (300, d)), spread(rng, (300, d))
    w, u = domain.project(z), domain.project(other)
    assert numpy.all(domain.contains(w))
    numpy.testing.assert_allclose(domain.project(w), w, rtol=0, atol=1e-15 * d)
    gap, original = numpy.linalg.norm(w - u, axis=-1), numpy.linalg.norm(z - other, axis=-1)
    assert numpy.all(gap <= original * (1 + 1e-12) + 1e-14 * d)


def feasible(domain, d, rng):
    """Points of the interior, and points with coordinates at bounds."""
    inside = domain.project(0.2 + 0.1 * rng.standard_normal((20, d)))
    return numpy.concatenate([inside, domain.project(3 * rng.standard_normal((20, d)))])


@every_domain
def test_tangent_projections_are_one_sided_derivatives_of_projections(domain, d, rng):
    # Polyhedra: the difference quotient does not change below some step.
    z = feasible(domain, d, rng)
    v = rng.standard_normal((4, *z.shape))
    h = 1e-7
    tangent = domain.tangent_projection(z, v)
    numpy.testing.assert_allclose(tangent, (domain.project(z + h * v) - z) / h, rtol=0, atol=1e-7)


def test_tangent_at_a_vertex_and_inside():
    simplex = Simplex()
    # At e_1 only moves towards the others are left: (1, 0, 0) is none, (-2, 3, 0) loses its mean over {1, 2}.
    vertex = numpy.array([1.0, 0.0, 0.0])
    assert simplex.tangent_projection(vertex, numpy.array([1.0, 0.0, 0.0])).tolist() == [0.0, 0.0, 0.0]
    assert simplex.tangent_projection(vertex, numpy.array([-2.0, 3.0, 0.0])).tolist() == [-2.5, 2.5, 0.0]
    inside = simplex.tangent_projection(numpy.full(3, 1 / 3), numpy.array([3.0, 0.0, 0.0]))
    assert inside.tolist() == [2.0, -1.0, -1.0]


# Potentials of one coordinate by (lower, upper), whose derivatives the mirror map must have.
POTENTIALS = [
    ((0.0, 1.0), lambda t: t * numpy.log(t) + (1 - t) * numpy.log(1 - t)),
    ((-1.0, math.inf), lambda t: (t + 1) * numpy.log(t + 1) - t),
    ((-math.inf, 3.0), lambda t: (3 - t) * numpy.log(3 - t) + t),
    ((2.0, 2.5), lambda t: (t - 2) * numpy.log(t - 2) + (2.5 - t) * numpy.log(2.5 - t)),
    ((-math.inf, math.inf), lambda t: t**2 / 2),
]


@pytest.mark.parametrize(("bounds", "potential"), POTENTIALS, ids=lambda value: str(value))
def test_box_mirrors_are_gradients_of_entropies(bounds, potential):
    lower, upper = bounds
    left = max(lower, -2.0) if math.isfinite(lower) or upper > 2 else 0.0
    points = numpy.linspace(left + 0.05, min(upper, left + 1.0) - 0.05, 9)[:, None]
    slope = potential(points + 1e-30j).imag / 1e-30
    numpy.testing.assert_allclose(Box([lower], [upper]).mirror(points), slope, rtol=1e-13, atol=1e-13)


def test_the_simplex_mirror_is_the_logarithm_and_softmax_its_inverse(game_library):
    points = game_library.asarray([[0.2, 0.8, 0.0], [1.0, 0.0, 0.0]])
    dual = Simplex().mirror(points)
    assert game_library.owns(dual)
    expected = [[math.log(0.2), math.log(0.8), -math.inf], [0.0, -math.inf, -math.inf]]
    numpy.testing.assert_allclose(game_library.host(dual), expected, rtol=1e-15)
    again = game_library.host(Simplex().mirror_inverse(dual))
    numpy.testing.assert_allclose(again, game_library.host(points), rtol=1e-15)
    assert again[0, 2] == 0


@every_domain
def test_mirror_maps_and_their_inverses_cancel_also_at_bounds(domain, d, rng):
    z = feasible(domain, d, rng)
    numpy.testing.assert_allclose(domain.mirror_inverse(domain.mirror(z)), z, rtol=1e-13, atol=1e-14)


def test_mirror_steps_far_outside_stop_at_the_bounds():
    dual = numpy.array([[1e4], [-1e4]])
    assert Box([0.0], [1.0]).mirror_inverse(dual)[:, 0].tolist() == [1.0, 0.0]
    assert Simplex().mirror_inverse(numpy.array([1e4, -1e4])).tolist() == [1.0, 0.0]
    # Next to either bound, here 0, the distance to it keeps its digits: sigmoid(-40) = e^-40 / (1 + e^-40).
    small = math.exp(-40) / (1 + math.exp(-40))
    assert Box([-1.0], [0.0]).mirror_inverse(numpy.array([40.0]))[0] == pytest.approx(-small, rel=1e-14, abs=0)
    assert Box([0.0], [1.0]).mirror_inverse(numpy.array([-40.0]))[0] == pytest.approx(small, rel=1e-14, abs=0)


@every_domain
def test_complex_points_carry_derivatives(domain, d, rng):
    z, v = feasible(domain, d, rng)[:20], rng.standard_normal((20, d))
    z = domain.project(0.9 * z + 0.1 * numpy.median(z, axis=0))
    outside, step = z + 0.01 * rng.standard_normal(z.shape), 1e-30j
    slopes = {
        "project": (outside, 1e-6),
        "mirror_inverse": (rng.standard_normal((20, d)), 1e-6),
    }
    for name, (at, h) in slopes.items():
        function = getattr(domain, name)
        expected = (function(at + h * v) - function(at - h * v)) / (2 * h)
        numpy.testing.assert_allclose(function(at + step * v).imag / 1e-30, expected, rtol=1e-6, atol=1e-7)
        numpy.testing.assert_allclose(function(at + 0j).real, function(at), rtol=1e-14, atol=1e-14)
    numpy.testing.assert_allclose(domain.tangent_projection(z, v + 0j), domain.tangent_projection(z, v), atol=1e-14)


@every_domain
def test_every_library_computes_the_same_and_single_precision_stays(domain, d, game_library, rng):
    outside = spread(rng, (3, d))
    inside = domain.project(outside)
    for name, arguments in {
        "project": (outside,),
        "mirror": (inside,),
        "mirror_inverse": (outside / 10,),
        "tangent_projection": (inside, outside),
    }.items():
        value = getattr(domain, name)(*map(game_library.asarray, arguments))
        assert game_library.owns(value), name
        expected = getattr(domain, name)(*arguments)
        numpy.testing.assert_allclose(game_library.host(value), expected, rtol=1e-13, atol=1e-13)
        single = getattr(domain, name)(*(game_library.asarray(a, dtype="float32") for a in arguments))
        assert game_library.owns(single, "float32"), name
    assert game_library.host(domain.contains(game_library.asarray(inside))).tolist() == [True] * 3
    rounded = game_library.asarray(inside, dtype="float32")
    assert bool(game_library.xp.all(domain.contains(domain.project(rounded))))


def test_errors():
    with pytest.raises(ValueError, match="`lower` must be at most `upper`"):
        Box([0.0, 1.0], [1.0, 0.5])
    with pytest.raises(ValueError, match="`lower` must be at most `upper`"):
        Box([math.nan], [1.0])
    with pytest.raises(TypeError, match="`domains` must hold domains, got ABCMeta"):
        Product([Simplex], [2])
    with pytest.raises(
        ValueError, match="`sizes` must have one entry for each of `domains`, at least one, got 1 for 2"
    ):
        Product([Simplex(), Reals()], [2])
    with pytest.raises(ValueError, match=r"must have shape \(..., 3\), got \(4,\)"):
        Product([Simplex(), Reals()], [2, 1]).project(numpy.zeros(4))
