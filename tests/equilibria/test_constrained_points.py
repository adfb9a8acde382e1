"""Matrices of rules where constraints hold, or where the domain has a geometry of its own."""

import math

import numpy
import pytest

from gamedyn.equilibria import iteration_matrix, spectral_radius, stable_step_sizes
from gamedyn.games import Bilinear, Box
from gamedyn.updates import (
    BestResponse,
    Extragradient,
    ForwardBackwardForward,
    Lookahead,
    MirrorProx,
    MultiplicativeWeights,
    OptimisticMultiplicativeWeights,
    PrimalDualHybridGradient,
    ProjectedGradient,
    ReflectedGradient,
    SimultaneousGradientDescent,
    TimescaleSeparation,
)
from tests.updates.finite import DILEMMA, PENNIES


class Boxed(Bilinear):
    """x y on lower <= x, y <= upper."""

    def __init__(self, lower, upper):
        super().__init__([[1.0]])
        self.domain = Box(lower, upper)


# On [1, 3]^2 x falls to 1 and y rises to 3, where xi = (3, -1).
CORNER, AT_CORNER = Boxed(1.0, 3.0), numpy.array([1.0, 3.0])
INSIDE = Boxed(-1.0, 3.0)


@pytest.mark.parametrize(
    "rule",
    [
        ProjectedGradient(0.1),
        Extragradient(0.1),
        Extragradient(0.1, schedule="alternating"),
        ReflectedGradient(0.1),
        PrimalDualHybridGradient(0.1),
        TimescaleSeparation(ProjectedGradient(0.1), tau=2.0),
    ],
    ids=repr,
)
def test_projections_hold_on_to_a_corner(rule):
    # I - h J would have a radius above 1.
    assert spectral_radius(rule, CORNER, AT_CORNER) == 0


def test_what_follows_the_projection_is_seen():
    # y = P(z - h xi) is the corner, z+ = y + h (xi(z) - xi(y)): h J = 0.1 [[0, 1], [-1, 0]].
    matrix = iteration_matrix(ForwardBackwardForward(0.1), CORNER, AT_CORNER)
    numpy.testing.assert_allclose(matrix, [[0.0, 0.1], [-0.1, 0.0]], rtol=0, atol=1e-9)
    # Half of the way back of a projected step.
    lookahead = Lookahead(ProjectedGradient(0.1), k=3, alpha=0.25)
    numpy.testing.assert_allclose(
        iteration_matrix(lookahead, CORNER, AT_CORNER), 0.75 * numpy.eye(2), rtol=0, atol=1e-9
    )


def test_mirror_steps_approach_a_corner_like_exponentials():
    # Near a bound, distances are multiplied by exp(-h |xi_k|): one-sided differences, as no dual lies beyond.
    matrix = iteration_matrix(MirrorProx(0.1), CORNER, AT_CORNER)
    numpy.testing.assert_allclose(matrix, numpy.diag([math.exp(-0.3), math.exp(-0.1)]), rtol=0, atol=1e-8)
    # The Dilemma's defection is dominant by 1 for both.
    radius = spectral_radius(MultiplicativeWeights(0.1), DILEMMA, [0.0, 1.0, 0.0, 1.0])
    assert radius == pytest.approx(math.exp(-0.1), rel=0.0, abs=1e-8)
    assert spectral_radius(BestResponse(0.25), DILEMMA, [0.0, 1.0, 0.0, 1.0]) == pytest.approx(0.75, rel=0.0, abs=1e-9)


def test_inside_projections_are_no_part_of_the_matrix():
    # At 0 in [-1, 3]^2: exact, and by the symbol, whatever the length of the step.
    matrix = iteration_matrix(Extragradient(0.1), INSIDE, [0.0, 0.0])
    numpy.testing.assert_array_equal(
        matrix, Extragradient(0.1).iteration_matrix(INSIDE.jacobian(numpy.zeros(2)), (1, 1))
    )
    found = stable_step_sizes(Extragradient(), INSIDE, [0.0, 0.0])
    assert found.largest == pytest.approx(1.0, rel=1e-9, abs=0.0)
    assert found.radius == pytest.approx(math.sqrt(3) / 2, rel=1e-9, abs=0.0)


def test_dual_coordinates_scale_the_step():
    # dz / d dual = (z - l)(u - z) / (u - l) = 3/4 at 0 in [-1, 3]: MirrorProx is Extragradient with 3/4 of the step.
    found = stable_step_sizes(MirrorProx(), INSIDE, [0.0, 0.0])
    assert found.largest == pytest.approx(4 / 3, rel=1e-7, abs=0.0)
    assert found.radius == pytest.approx(math.sqrt(3) / 2, rel=1e-7, abs=0.0)
    # On the simplices of Matching Pennies at 1/2: h S with the singular value S = 1, replicator's rotation.
    half = numpy.full(4, 0.5)
    radius = spectral_radius(MultiplicativeWeights(0.1), PENNIES, half)
    assert radius == pytest.approx(math.sqrt(1.01), rel=0.0, abs=1e-9)
    expected = numpy.abs(numpy.roots([1, -(1 - 0.2j), -0.1j])).max()
    radius = spectral_radius(OptimisticMultiplicativeWeights(0.1), PENNIES, half)
    assert radius == pytest.approx(expected, rel=0.0, abs=1e-9)


def test_wrappers_heed_what_they_wrap():
    # Two mirror steps at once, at 0 in [-1, 3]^2: 1 - (3/4) i h - (3/4)^2 h^2, squared.
    radius = spectral_radius(Lookahead(MirrorProx(0.4), k=2, alpha=1.0), INSIDE, [0.0, 0.0])
    assert radius == pytest.approx(abs(1 - 0.3j - 0.09) ** 2, rel=0.0, abs=1e-9)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_every_library_differentiates(dtype, game_library):
    places = 1e-7 if dtype == "float64" else 1e-4
    half = game_library.asarray([[0.5] * 4, [0.5] * 4], dtype=dtype)
    radii = spectral_radius(MultiplicativeWeights(game_library.asarray([0.1, 0.3])), PENNIES, half)
    assert game_library.owns(radii, dtype)
    numpy.testing.assert_allclose(game_library.host(radii), [math.sqrt(1.01), math.sqrt(1.09)], rtol=0, atol=places)
    corner = game_library.asarray([0.0, 1.0, 0.0, 1.0], dtype=dtype)
    radius = spectral_radius(MultiplicativeWeights(0.1), DILEMMA, corner)
    assert float(game_library.host(radius)) == pytest.approx(math.exp(-0.1), rel=0.0, abs=100 * places)


def test_long_steps_that_would_leave_are_looked_at_from_closer():
    # The step 1e5 carries the usual differences of 6e-6 off the simplex; on it the matrix is I - h J, |J| = 2.
    radius = spectral_radius(ProjectedGradient(1e5), PENNIES, numpy.full(4, 0.5))
    assert radius == pytest.approx(math.sqrt(1 + 4e10), rel=1e-4, abs=0.0)


def test_a_long_step_takes_no_digits_from_a_short_one():
    half = numpy.full((2, 4), 0.5)
    radii = spectral_radius(ProjectedGradient(numpy.array([0.1, 1e5])), PENNIES, half)
    assert radii[0] == pytest.approx(math.sqrt(1.04), rel=0.0, abs=1e-10)


def test_kinks_are_refused():
    # xi = 0 at the corner (0, 0) of [0, 1]^2: inwards a step is I - h J, outwards it comes back.
    message = "`z` must be a point where a step of ProjectedGradient has a derivative, got a kink there"
    for ask in (iteration_matrix, spectral_radius, stable_step_sizes):
        with pytest.raises(ValueError, match=message):
            ask(ProjectedGradient(0.1), Boxed(0.0, 1.0), [0.0, 0.0])


def test_every_point_has_a_step_size_of_its_own():
    steps = numpy.array([0.1, 0.7])
    matrices = iteration_matrix(MirrorProx(steps), CORNER, numpy.stack([AT_CORNER, AT_CORNER]))
    for matrix, h in zip(matrices, steps, strict=True):
        numpy.testing.assert_allclose(matrix, numpy.diag(numpy.exp([-3 * h, -h])), rtol=0, atol=1e-8)


def test_rules_that_do_not_heed_the_domain_keep_their_matrix():
    # They do not rest at the corner, and inside they are what they are on all of R^d.
    with pytest.raises(ValueError, match="`z` must be a stationary point"):
        spectral_radius(SimultaneousGradientDescent(0.1), CORNER, AT_CORNER)
    assert spectral_radius(SimultaneousGradientDescent(0.1), Boxed(0.0, 1.0), [0.0, 0.0]) == pytest.approx(
        math.sqrt(1.01), rel=1e-14, abs=0.0
    )
