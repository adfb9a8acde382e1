"""Phase diagrams against published and derived boundaries."""

import numpy
import pytest

from gamedyn.dynamics import detect_limit_set, phase_diagram
from gamedyn.dynamics._limit_set_kinds import LIMIT_SETS
from gamedyn.games import Bilinear, DiracGAN, Game, Quadratic, Regularized, TimescaleSeparated
from gamedyn.objectives import NonSaturating
from gamedyn.updates import (
    AlternatingGradientDescent,
    AnchoredExtragradient,
    Extragradient,
    HeavyBall,
    OptimisticGradient,
    SimultaneousGradientDescent,
)


def points_of(diagram):
    return numpy.concatenate(diagram.boundary)


def test_negative_momentum_in_turn_converges_on_bilinear_games_below_a_line():
    # (r - 1)^2 (r - b)^2 + (h s)^2 r^3 = 0; stable for b < 0 and h s < 2 (1 + b). Gidel et al. 2019.
    s = 1.5
    diagram = phase_diagram(
        Bilinear([[s]]),
        HeavyBall(schedule="alternating"),
        x=("momentum", numpy.linspace(-0.9, 0.5, 17)),
        y=("step_size", numpy.linspace(0.05, 1.6, 16)),
        steps=2000,
    )
    grid_b, grid_h = numpy.meshgrid(diagram.x, diagram.y)
    stable = (grid_b < 0) & (grid_h * s < 2 * (1 + grid_b))
    assert numpy.array_equal(diagram.radius < 1 - 1e-12, stable)
    b, h = points_of(diagram).T
    on_line = numpy.abs(h * s - 2 * (1 + b)) < 1e-9
    on_axis = numpy.abs(b) < 1e-9
    assert numpy.all(on_line | on_axis)
    assert on_line.sum() > 8
    assert on_axis.sum() > 8
    assert diagram.agreeing == diagram.compared > 0.8 * diagram.radius.size
    cells = numpy.abs(numpy.log(diagram.radius)) > 0.01
    cells &= numpy.isfinite(diagram.rate)
    numpy.testing.assert_allclose(diagram.rate[cells], diagram.radius[cells], rtol=0.1)


def test_at_once_no_momentum_helps_on_bilinear_games():
    diagram = phase_diagram(
        Bilinear([[1.0]]),
        HeavyBall(),
        x=("momentum", numpy.linspace(-0.9, 0.9, 9)),
        y=("step_size", numpy.linspace(0.1, 2, 8)),
        measure="radius",
    )
    assert diagram.boundary == ()
    assert diagram.outcome is None
    assert numpy.all(diagram.radius > 1)


@pytest.mark.parametrize(
    ("rule", "limit"),
    [(Extragradient(), 1.0), (OptimisticGradient(), 3**-0.5)],
)
def test_steps_on_bilinear_games_end_at_a_hyperbola(rule, limit):
    # 1 - (h s)^2 + (h s)^4 = 1; r = e^(it): r^2 - (1 - 2 i a) r - i a = 0 has |r| = 1 at a = 1/sqrt(3).
    diagram = phase_diagram(
        lambda s: Bilinear([[s]]),
        rule,
        x=("s", numpy.linspace(0.5, 2.0, 7)),
        y=("step_size", numpy.linspace(0.1, 2.2, 12)),
        steps=400,
    )
    numpy.testing.assert_allclose(numpy.prod(points_of(diagram), axis=-1), limit, rtol=1e-9)
    assert diagram.agreeing == diagram.compared > 40


@pytest.mark.parametrize("in_turn", [False, True])
def test_roscas_thresholds(in_turn):
    # x' = y - e x, y' = -x - e y: 2 e / (1 + e^2) at once, 2 / (1 + e) in turn, by det(I - h J) = 1 and r = -1.
    rule = AlternatingGradientDescent() if in_turn else SimultaneousGradientDescent()
    diagram = phase_diagram(
        lambda e: Quadratic.from_jacobian([[e, -1.0], [1.0, e]], (1, 1)),
        rule,
        x=("e", numpy.linspace(0.05, 0.9, 6)),
        y=("step_size", numpy.linspace(0.02, 2.1, 14)),
        measure="radius",
    )
    e, h = points_of(diagram).T
    numpy.testing.assert_allclose(h, 2 / (1 + e) if in_turn else 2 * e / (1 + e**2), rtol=1e-9)


def test_mescheders_regularised_dirac_gan():
    # J = [[0, 1/2], [-1/2, gamma]]: at h = 2 / gamma-like ends: eigenvalues g/2 +- sqrt(g^2 - 1)/2.
    diagram = phase_diagram(
        lambda gamma: Regularized(DiracGAN(), r1=gamma),
        SimultaneousGradientDescent(),
        x=("gamma", numpy.linspace(0.1, 2.5, 9)),
        y=("step_size", numpy.linspace(0.1, 4.5, 23)),
        steps=400,
    )
    gamma, h = points_of(diagram).T
    # Complex pair: |1 - h l|^2 = 1 - h g + h^2 / 4; real: r = -1 at h l_max = 2.
    root = numpy.sqrt(numpy.maximum(gamma**2 - 1, 0))
    expected = numpy.where(gamma <= 1, 4 * gamma, 4 / (gamma + root))
    numpy.testing.assert_allclose(h, expected, rtol=1e-9)
    assert diagram.agreeing == diagram.compared


def test_a_faster_player_widens_the_steps_of_a_saddle():
    # J = [[-1, 2], [-2, 2]] with rows times (1, tau): trace 2 tau - 1, det 2 tau.
    diagram = phase_diagram(
        lambda tau: TimescaleSeparated(Quadratic.from_jacobian([[-1.0, 2.0], [-2.0, 2.0]], (1, 1)), (1.0, tau)),
        SimultaneousGradientDescent(),
        x=("tau", numpy.linspace(0.3, 3.0, 10)),
        y=("step_size", numpy.linspace(0.01, 1.0, 21)),
        measure="radius",
    )
    tau, h = points_of(diagram).T
    det, trace = 2 * tau, 2 * tau - 1
    gap = numpy.maximum(trace**2 - 4 * det, 0)
    expected = numpy.where(trace**2 < 4 * det, trace / det, 4 / (trace + numpy.sqrt(gap)))
    numpy.testing.assert_allclose(h, expected, rtol=1e-8)
    # tau* = 1/2 is below all of them.
    assert tau.min() > 0.5


class Congestion(Game):
    """softplus(u) - b u: descent with step a moves the logit u of x as x' = x / (x + (1 - x) exp(a (x - b)))."""

    dims = (1,)

    def __init__(self, b):
        self.b = b

    def losses(self, z):
        return numpy.logaddexp(0, z) - self.b * z

    def loss_gradients(self, z):
        return (1 / (1 + numpy.exp(-z)) - self.b)[..., None, :]


def word_of_congestion(a, b, steps=4000):
    """By a loop on masses: Lyapunov's exponent, else the shortest recurrence."""
    x, growth, late = b + 1e-3, 0.0, []
    for k in range(2 * steps):
        weight = numpy.exp(a * (x - b))
        total = x + (1 - x) * weight
        if k >= steps:
            growth += numpy.log(abs(weight * (1 - a * x * (1 - x)) / total**2)) / steps
            late.append(x)
        x = x / total
    if growth > 0.05:
        return "chaos"
    return "point" if max(late[-64:]) - min(late[-64:]) < 1e-6 else "cycle"


def test_kinds_of_limit_sets_of_the_congestion_map():
    # Chotibut et al. 2018: b attracts for a b (1 - b) < 2.
    shares, scales = (0.3, 0.5, 0.61), (5.0, 7.5, 9.0, 12.0, 20.0, 40.0)
    diagram = phase_diagram(
        lambda b: Congestion(b),
        SimultaneousGradientDescent(),
        x=("b", shares),
        y=("step_size", scales),
        measure="limit set",
        steps=2000,
    )
    words = [[LIMIT_SETS[k] for k in row] for row in diagram.limit_set]
    assert words == [[word_of_congestion(a, b) for b in shares] for a in scales]
    assert {word for row in words for word in row} == {"point", "cycle", "chaos"}
    stable = numpy.array(scales)[:, None] * numpy.array(shares) * (1 - numpy.array(shares)) < 2
    assert numpy.array_equal(diagram.limit_set == LIMIT_SETS.index("point"), stable)
    assert "limit sets: 7 point, " in str(diagram)


def test_kinds_of_limit_sets_of_the_non_saturating_dirac_gan():
    # |1 - h l|^2 = 1 - h g + h^2 / 4 < 1 for h < 4 g: there the point attracts. Else one trajectory at a time tells.
    weights, sizes = (0.01, 0.3), (0.2, 1.0, 2.0, 5.0)
    diagram = phase_diagram(
        lambda gamma: Regularized(DiracGAN(NonSaturating()), r1=gamma),
        SimultaneousGradientDescent(),
        x=("gamma", weights),
        y=("step_size", sizes),
        measure="limit set",
        steps=1000,
        displacement=0.1,
    )
    words = [[LIMIT_SETS[k] for k in row] for row in diagram.limit_set]
    assert [row[1] for row in words] == ["point", "point", "torus", "divergence"]
    assert [row[0] for row in words] == ["torus", "torus", "torus", "divergence"]
    for h, row in zip(sizes[2:], words[2:], strict=True):
        game = Regularized(DiracGAN(NonSaturating()), r1=0.01)
        assert detect_limit_set(game, SimultaneousGradientDescent(h), [0.1, 0.0], steps=1000).kind == row[0]


def test_kinds_of_limit_sets_on_circles():
    # In turn, x y has a turn of 2 - h^2 = 2 cos t: h = 1 has period 6; h > 2 diverges. At once it spirals outwards.
    found = phase_diagram(
        Bilinear([[1.0]]),
        HeavyBall(schedule="alternating"),
        x=("momentum", [0.0, 0.05]),
        y=("step_size", [0.3, 1.0, 2.5]),
        measure="limit set",
    )
    assert [LIMIT_SETS[k] for k in found.limit_set[:, 0]] == ["torus", "cycle", "divergence"]
    # Momentum makes distances grow, faster at longer steps: 1000 steps do not get far at 0.3.
    assert LIMIT_SETS[found.limit_set[0, 1]] == "undecided"
    at_once = phase_diagram(
        Bilinear([[1.0]]),
        HeavyBall(),
        x=("momentum", [0.0, 0.1]),
        y=("step_size", [0.5, 1.0]),
        measure="limit set",
    )
    assert (at_once.limit_set == LIMIT_SETS.index("divergence")).all()
    assert found.rate.shape == (3, 2)


def test_functions_of_the_rule_lists_and_prints():
    diagram = phase_diagram(
        Quadratic.from_jacobian([[1.0]], (1,)),
        lambda h, b: HeavyBall(h, momentum=b),
        x=("h", [0.5, 1.9, 5.0]),
        y=("b", (0.0, 0.4)),
        steps=100,
        z=[0.1],
    )
    # h s < 2 (1 + b)
    numpy.testing.assert_allclose(points_of(diagram), [[2.0, 0.0], [2.8, 0.4]], rtol=1e-9)
    text = str(diagram)
    assert "h in [0.5, 5], b in [0, 0.4]: 3 x 2 cells" in text
    assert "as predicted in" in text
    assert diagram.outcome.shape == diagram.rate.shape == (2, 3)
    assert diagram.outcome[0, 2] == 2


def test_inputs_of_every_library_are_read_only(library):
    diagram = phase_diagram(
        Quadratic.from_jacobian([[1.0]], (1,)),
        HeavyBall(),
        x=("step_size", library.asarray([0.5, 5.0])),
        y=("momentum", library.asarray([0.0, 0.4])),
        measure="radius",
    )
    numpy.testing.assert_allclose(points_of(diagram)[:, 0], [2.0, 2.8], rtol=1e-9)


GAME = Bilinear([[1.0]])


@pytest.mark.parametrize(
    ("game", "rule", "x", "y", "options", "error", "message"),
    [
        (GAME, Extragradient(), ("step_size", [1.0]), ("tau", [1, 2]), {}, ValueError, "`x` must have 2 values"),
        (GAME, Extragradient(), ("step_size", [2, 1]), ("tau", [1, 2]), {}, ValueError, "increase"),
        (GAME, Extragradient(), ("step_size", [1, 2]), ("tau", [1, 2]), {}, ValueError, "'tau', which Extragradient"),
        (GAME, Extragradient(), ("a", [1, 2]), ("a", [1, 2]), {}, ValueError, "'a' twice"),
        (GAME, Extragradient(), "step_size", ("a", [1, 2]), {}, TypeError, "a pair"),
        (GAME, 3, ("a", [1, 2]), ("b", [1, 2]), {}, TypeError, "`rule` must be one, or a function"),
        (GAME, lambda c: c, ("a", [1, 2]), ("b", [1, 2]), {}, TypeError, "`rule` must be a function of"),
        (GAME, lambda a, b: 3, ("a", [1, 2]), ("b", [1, 2]), {}, TypeError, "`rule` must make an UpdateRule"),
        (lambda a: 3, lambda b: HeavyBall(b), ("a", [1, 2]), ("b", [1, 2]), {}, TypeError, "`game` must make a Game"),
        (GAME, HeavyBall(), ("step_size", [1, 2]), ("momentum", [0, 0.5]), {"measure": "x"}, ValueError, "`measure`"),
        (GAME, HeavyBall(), ("step_size", [1, 2]), ("momentum", [0, 0.5]), {"steps": 2}, ValueError, "`steps`"),
    ],
)
def test_bad_input(game, rule, x, y, options, error, message):
    with pytest.raises(error, match=message):
        phase_diagram(game, rule, x, y, **options)


def test_a_rule_without_a_matrix_is_refused():
    with pytest.raises(NotImplementedError, match="AnchoredExtragradient"):
        phase_diagram(lambda s: Bilinear([[s]]), AnchoredExtragradient(), ("s", [1, 2]), ("step_size", [0.1, 0.2]))
