"""compare_rules: counts, shares and profiles that theory gives on games small enough to know everything about."""

import json
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy
import pytest
import sympy

from gamedyn.experiments import PairResult, ReachedPoint, RuleComparison, compare_rules
from gamedyn.games import (
    Bilinear,
    Box,
    DiracGAN,
    Quadratic,
    SymbolicGame,
    matching_pennies,
    random_quadratic_game,
    strongly_monotone_game,
)
from gamedyn.updates import (
    BestResponse,
    Cost,
    Extragradient,
    MultiplicativeWeights,
    OptimisticGradient,
    ProjectedGradient,
    ProximalPoint,
    SimultaneousGradientDescent,
    UpdateRule,
)

BOWL = Quadratic.from_jacobian([[1.0]], (1,))
HILL = Quadratic.from_jacobian([[-1.0]], (1,))


def double_well():
    """x^4 / 4 - x^2 / 2: minima at 1 and -1, a maximum between them."""
    x = sympy.Symbol("x")
    return SymbolicGame([x**4 / 4 - x**2 / 2], [x])


def test_evaluations_are_those_of_the_geometric_series():
    # |x| halves per step: the first k with 2^-k |x0| <= 1e-6.
    starts = numpy.array([[1.0], [-3.0], [1e-7]])
    found = compare_rules({"bowl": BOWL}, SimultaneousGradientDescent(), starts={"bowl": starts}, step_sizes=[0.5])
    pair = found.pair("bowl", "SimultaneousGradientDescent")
    assert pair.evaluations.tolist() == [math.ceil(math.log2(1e6 * x)) for x in (1.0, 3.0)] + [0.0]
    assert pair.step_size == 0.5
    assert pair.predicted_rate == pytest.approx(0.5, rel=1e-14)
    assert pair.measured_rate == pytest.approx(0.5, rel=1e-9)


def test_the_best_step_size_of_the_grid_is_taken():
    # (1 - h) per step: 1 is done in one step.
    found = compare_rules({"bowl": BOWL}, SimultaneousGradientDescent(), starts=5, step_sizes=[0.1, 1.0, 1.9, 2.5])
    pair = found.pair("bowl", "SimultaneousGradientDescent")
    assert pair.step_size == 1.0
    assert set(pair.evaluations) == {1.0}
    assert pair.shares.tolist() == [1.0, 1.0, 1.0, 0.0]


def test_products_and_solves_are_paid_for():
    # The proximal point takes two gradients and one solve in two coordinates: four evaluations.
    found = compare_rules({"xy": Bilinear([[1.0]])}, [Extragradient(), ProximalPoint(newton_steps=1)], starts=3)
    assert found.pair("xy", "Extragradient").evaluations_per_step == 2
    assert found.pair("xy", "ProximalPoint").evaluations_per_step == 4


def test_shares_of_a_double_well_are_the_signs_of_the_starts():
    starts = numpy.array([[0.3], [2.0], [0.01], [-0.5], [-1.5]])
    known = {"well": [[0.0]]}
    found = compare_rules(
        {"well": double_well()},
        SimultaneousGradientDescent(),
        starts={"well": starts},
        step_sizes=[0.1],
        critical_points=known,
    )
    assert [point.kind for point in found.points["well"]] == ["repeller", "nash", "nash"]
    numpy.testing.assert_allclose([p.point[0] for p in found.points["well"]], [0.0, 1.0, -1.0], atol=1e-12)
    shares = found.shares("well", "SimultaneousGradientDescent")
    assert shares == {"0": 0.0, "1": 0.6, "2": 0.4, "others": 0.0, "flat": 0.0, "bounded": 0.0, "left": 0.0}


def test_starts_that_leave_and_starts_that_stay():
    games = {"hill": HILL, "xy": Bilinear([[1.0]])}
    found = compare_rules(games, SimultaneousGradientDescent(), starts=4, step_sizes=[0.01], steps=1000)
    # (1 + h)^1000 = 2e4 and (1 + h^2)^500 = 1.05.
    assert found.shares("hill", "SimultaneousGradientDescent")["left"] == 1.0
    assert found.shares("xy", "SimultaneousGradientDescent")["bounded"] == 1.0
    assert math.isnan(found.pair("xy", "SimultaneousGradientDescent").predicted_rate)
    assert numpy.all(found.pair("xy", "SimultaneousGradientDescent").evaluations == numpy.inf)


def test_a_plateau_is_no_solution():
    # Far out, the Dirac-GAN's sigmoids vanish to less than the tolerance; its only stationary point is 0.
    starts = numpy.array([[-8.0, 9.0], [40.0, -40.0]])
    found = compare_rules({"dirac": DiracGAN()}, Extragradient(), starts={"dirac": starts}, step_sizes=[0.1], steps=5)
    assert found.shares("dirac", "Extragradient")["flat"] == 1.0
    assert found.points["dirac"] == ()


def test_many_stationary_points_are_not_listed(rng):
    # x y0 with y1 free: every y1 is at rest.
    game = Bilinear([[1.0, 0.0]])
    found = compare_rules({"line": game}, Extragradient(), starts=12)
    assert found.points["line"] == ()
    assert found.shares("line", "Extragradient")["others"] == 1.0


@dataclass(frozen=True, eq=False)
class Picky(UpdateRule):
    """Needs two players, and has no step size."""

    cost = Cost(gradients=1, at_least=True)

    def step(self, game, z, state):
        if len(game.dims) != 2:
            raise ValueError("`Picky` needs a game of 2 players.")
        return 0.5 * z, None


def test_a_rule_that_cannot_play_says_why():
    found = compare_rules({"bowl": BOWL, "xy": Bilinear([[1.0]])}, Picky(), starts=2)
    assert found.pair("bowl", "Picky").reason == "`Picky` needs a game of 2 players."
    assert found.shares("bowl", "Picky") == {}
    assert found.shares("xy", "Picky")["0"] == 1.0
    assert math.isnan(found.pair("xy", "Picky").step_size)
    text = str(found)
    assert "Picky cannot play: `Picky` needs a game of 2 players." in text
    assert " 0~ " in text


def by_hand(evaluations):
    """A comparison of rules a and b on one game, from their evaluations."""
    pairs = []
    for rule, counts in evaluations.items():
        values = numpy.asarray(counts, float)
        done = numpy.isfinite(values)
        no, end = numpy.zeros_like(done), numpy.zeros((len(values), 1))
        nothing = numpy.zeros(1)
        pairs.append(PairResult("g", rule, "", 0.1, 1.0, False, values, done, no, no, end, 0.5, 0.5, nothing, nothing))
    points = {"g": (ReachedPoint((0.0,), "nash"),)}
    return RuleComparison(("g",), tuple(evaluations), tuple(pairs), points, {"starts": len(values)})


def test_the_performance_profile_by_hand():
    inf = math.inf
    found = by_hand({"a": [10, 20, inf, inf, 0], "b": [20, 10, 30, inf, 0]})
    ratios, profile = found.performance_profile()
    # Four problems are solved by someone; ratios of a: 1, 2, inf, 1 and of b: 2, 1, 1, 1.
    assert ratios.tolist() == [1.0, 2.0]
    assert profile["a"].tolist() == [0.5, 0.75]
    assert profile["b"].tolist() == [0.75, 1.0]
    assert found.document()["profile"]["share"]["b"] == [0.75, 1.0]
    assert found.document()["games"][0]["rules"][0]["evaluations"] == [10.0, 20.0, None, None, 0.0]
    # Of five starts of b the median is 20; of a it is 20 too, for two are infinite.
    assert [rule["median_evaluations"] for rule in found.document()["games"][0]["rules"]] == [20.0, 20.0]


def test_a_document_is_plain_json(rng):
    found = compare_rules({"r": random_quadratic_game([0.3 + 1j], rng=rng)}, [Extragradient()], starts=3)
    document = json.loads(json.dumps(found.document(), allow_nan=False))
    assert document["schema"] == "gamedyn.rank/1"
    (rule,) = document["games"][0]["rules"]
    assert rule["shares"]["0"] == 1.0
    assert rule["predicted_rate"] == pytest.approx(rule["measured_rate"], rel=1e-3)


def test_an_executor_changes_nothing():
    games = {"xy": Bilinear([[1.0]]), "bowl": BOWL}
    here = compare_rules(games, [Extragradient(), SimultaneousGradientDescent()], starts=3, rng=5)
    with ThreadPoolExecutor(2) as pool:
        there = compare_rules(games, [Extragradient(), SimultaneousGradientDescent()], starts=3, rng=5, executor=pool)
    assert json.dumps(here.document()) == json.dumps(there.document())


def test_bad_input():
    rule = Extragradient()
    with pytest.raises(
        TypeError,
        match=r"`rules\['Extragradient'\]` must be an UpdateRule, got the class Extrag",
    ):
        compare_rules(BOWL, {"Extragradient": Extragradient})
    with pytest.raises(TypeError, match=r"`games\['x'\]` must be a Game, got 3"):
        compare_rules({"x": 3}, rule)
    with pytest.raises(ValueError, match="`rules` must hold at least one, got none"):
        compare_rules(BOWL, [])
    with pytest.raises(ValueError, match="`rules` must differ, or be a mapping of names"):
        compare_rules(BOWL, [Extragradient(), Extragradient()])
    with pytest.raises(ValueError, match=r"`step_sizes` must be positive numbers in one row, got \[0.1, -1\]"):
        compare_rules(BOWL, rule, step_sizes=[0.1, -1])
    with pytest.raises(ValueError, match=r"`starts\['g'\]` must have shape \(B, 1\), got \(2, 2\)"):
        compare_rules({"g": BOWL}, rule, starts={"g": numpy.zeros((2, 2))})
    with pytest.raises(ValueError, match="`starts` must have points for every game, got none for 'g'"):
        compare_rules({"g": BOWL}, rule, starts={})
    with pytest.raises(ValueError, match=r"`starts` must have as many points for each game, got \[1, 2\]"):
        compare_rules({"g": BOWL, "h": HILL}, rule, starts={"g": [[1.0]], "h": [[1.0], [2.0]]})
    with pytest.raises(KeyError, match="no pair of game 'g' and rule 'x'"):
        compare_rules({"g": BOWL}, rule, starts=1).pair("g", "x")


def test_passing_through_an_equilibrium_is_not_coming_to_rest():
    # With h = 1/2 and l = 1 + i optimistic descent is at 0 after two steps, (1 - h l)(1 - 2 h l) + h l = 0, and leaves
    # it again: its multipliers solve r^2 - (1 - 2 h l) r - h l = 0, of which one is outside of the circle.
    game = strongly_monotone_game(1.0, 1.0)
    multipliers = numpy.roots([1, -(1 - (1 + 1j)), -(1 + 1j) / 2])
    assert max(abs(multipliers)) > 1.09
    found = compare_rules({"game": game}, OptimisticGradient(), starts=3, steps=300, step_sizes=[0.25, 0.5])
    pair = found.pair("game", "OptimisticGradient")
    assert pair.shares.tolist() == [1.0, 1.0]
    assert pair.step_size == 0.25
    assert pair.predicted_rate < 1


def test_corners_of_a_simplex_that_are_no_equilibria_are_flat():
    # Steps of 50 throw multiplicative weights into a corner of matching pennies at once, where they rest.
    found = compare_rules({"pennies": matching_pennies()}, MultiplicativeWeights(), starts=5, step_sizes=[50.0])
    assert found.shares("pennies", "MultiplicativeWeights") == {"others": 0, "flat": 1, "bounded": 0, "left": 0}
    assert math.isnan(found.pair("pennies", "MultiplicativeWeights").predicted_rate)


def test_steps_outside_of_a_rule_s_domain_are_not_tried():
    grid = compare_rules({"pennies": matching_pennies()}, BestResponse(), starts=2, steps=5).pairs[0].step_sizes
    assert 0.5 < grid.max() <= 1


def test_long_names_and_empty_columns_do_not_widen_the_table():
    name = "a rule with a name that goes on and on"
    text = str(compare_rules({"xy": Bilinear([[1.0]])}, {name: Extragradient()}, starts=2, steps=50))
    lines = text.splitlines()
    row = lines[lines.index(f"  {name}") + 1]
    assert "flat " not in lines[lines.index(f"  {name}") - 1]
    assert len(row) < 110
    assert row.split()[1] == "2"


def test_bad_points_are_named():
    rule = Extragradient()
    with pytest.raises(ValueError, match=r"`starts\['g'\]` must be finite, got infinite or NaN entries"):
        compare_rules({"g": BOWL}, rule, starts={"g": [[numpy.nan]]})
    with pytest.raises(ValueError, match="`critical_points` must be of games that are compared, got 'q'"):
        compare_rules({"g": BOWL}, rule, critical_points={"q": [[0.0]]})
    with pytest.raises(ValueError, match=r"`critical_points\['g'\]` must have shape \(m, 1\), got \(1,\)"):
        compare_rules({"g": BOWL}, rule, critical_points={"g": [0.0]})


def test_a_start_at_rest_is_solved_by_those_that_rest_there():
    inf = math.inf
    ratios, profile = by_hand({"a": [0, 10], "b": [inf, 10], "c": [4, 20]}).performance_profile()
    # Of the first start: a at once, b never, c later than any multiple of 0: in multiples of one evaluation.
    assert ratios.tolist() == [1.0, 2.0, 4.0]
    assert profile["a"].tolist() == [1.0, 1.0, 1.0]
    assert profile["b"].tolist() == [0.5, 0.5, 0.5]
    assert profile["c"].tolist() == [0.0, 0.5, 1.0]


def test_inside_of_a_box_the_rate_is_that_of_the_point_itself():
    # x^2 / 2 - y^2 / 2 about (0.3, -0.2) in a box: (1 - h) per step, to the point and not to where a run stopped.
    game = Quadratic.from_jacobian([[1.0, 0.0], [0.0, 1.0]], (1, 1), [-0.3, 0.2])
    game.domain = Box([-1.0, -1.0], [1.0, 1.0])
    found = compare_rules({"box": game}, SimultaneousGradientDescent(), starts=4, step_sizes=[0.25])
    (reached,) = found.points["box"]
    numpy.testing.assert_allclose(reached.point, [0.3, -0.2], rtol=1e-13)
    assert found.pair("box", "SimultaneousGradientDescent").measured_rate == pytest.approx(0.75, rel=1e-5)


def test_a_point_that_a_wall_holds_stays_at_the_wall():
    # x^2 / 2 - 3 x on x <= 1: the minimum is outside, and no one gains by a move back.
    game = Quadratic.from_jacobian([[1.0]], (1,), [-3.0])
    game.domain = Box([-1.0], [1.0])
    found = compare_rules({"wall": game}, ProjectedGradient(), starts=3, step_sizes=[0.5])
    assert found.points["wall"] == (ReachedPoint((1.0,), "nash"),)


def test_a_path_that_wanders_first_shows_the_rate_of_its_end():
    # L = x^2 / 2 + 50 x^4: from x = 1 the far part falls much faster than (1 - h) per step.
    x = sympy.Symbol("x")
    game = SymbolicGame([x**2 / 2 + 50 * x**4], [x])
    found = compare_rules(
        {"g": game}, SimultaneousGradientDescent(), starts={"g": [[1.0]]}, step_sizes=[0.004], steps=9000
    )
    assert found.pair("g", "SimultaneousGradientDescent").measured_rate == pytest.approx(1 - 0.004, rel=1e-6)
