"""One game under one rule: grids of step sizes, what a step costs, and what counts as solved."""

from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn.experiments import compare_rules
from gamedyn.experiments._rule_pair import PairTask, _counted_per_step
from gamedyn.games import Bilinear, Box, MatrixGame, Quadratic
from gamedyn.updates import (
    BestResponse,
    Consensus,
    Cost,
    Extragradient,
    ProjectedGradient,
    SimultaneousGradientDescent,
    UpdateRule,
)

BOWL = Quadratic.from_jacobian([[1.0]], (1,))


def test_a_step_size_at_an_end_of_the_grid_is_marked():
    # The best is 1; between 0.9 and 1.2 it is inside, from 1.2 on at the edge.
    def compared(*grid):
        found = compare_rules({"bowl": BOWL}, SimultaneousGradientDescent(), starts=2, step_sizes=grid)
        return found.pair("bowl", "SimultaneousGradientDescent"), found

    inside, _ = compared(0.5, 0.9, 1.5)
    assert (inside.step_size, inside.is_at_edge) == (0.9, False)
    edge, found = compared(0.1, 0.5, 0.9)
    assert (edge.step_size, edge.is_at_edge) == (0.9, True)
    assert " 0.9* " in str(found)
    assert found.document()["games"][0]["rules"][0]["step_size_at_edge"] is True
    assert not compared(0.5)[0].is_at_edge


def test_steps_outside_of_a_rules_domain_are_not_tried():
    # Of both dominant actions: steps of best responses are weights of at most 1.
    dilemma = {"pd": MatrixGame([[3.0, 0.0], [5.0, 1.0]], [[3.0, 5.0], [0.0, 1.0]])}
    found = compare_rules(dilemma, BestResponse(), starts=3, step_sizes=[0.5, 0.8, 2.0])
    assert found.pair("pd", "BestResponse").step_sizes.tolist() == [0.5, 0.8]
    assert found.pair("pd", "BestResponse").step_size == 0.8
    none = compare_rules(dilemma, BestResponse(), starts=3, step_sizes=[2.0])
    assert none.pair("pd", "BestResponse").reason == "`BestResponse` takes none of the step sizes to be tried."


def test_a_loose_tolerance_is_no_plateau():
    # |xi| = |J z| <= 0.05 holds some 0.1 away from the only point of rest.
    game = {"g": Quadratic.from_jacobian([[0.5, 1.0], [-1.0, 0.5]], (1, 1))}
    found = compare_rules(game, Extragradient(), starts=8, tolerance=0.05)
    assert found.shares("g", "Extragradient")["0"] == 1.0


@dataclass(frozen=True, eq=False)
class Twofold(UpdateRule):
    """Halves the gradient's step as often as it says, and looks twice where x > 1."""

    step_size: float = 0.5
    cost = Cost(gradients=1, at_least=True)

    def step(self, game, z, state):
        if z.ndim == 1 and z[0] > 1:
            game.simultaneous_gradient(z)
        return z - self.step_size * game.simultaneous_gradient(z), None


@dataclass(frozen=True, eq=False)
class Shy(Twofold):
    """Says less than it does: a product with J at every step, too."""

    step_size: Any = 0.5

    def step(self, game, z, state):
        game.jvp(z, z)
        return z - numpy.asarray(self.step_size)[..., None] * game.simultaneous_gradient(z), None


def test_work_that_depends_on_the_data_is_counted():
    # From 8 the points are 8, 4, 2, 1, ...: three steps of two gradients, then one each, 23 steps to 1e-6.
    rule = Shy()
    found = compare_rules({"bowl": BOWL}, rule, starts={"bowl": [[8.0], [1.0]]}, step_sizes=[0.5])
    pair = found.pair("bowl", "Shy")
    assert pair.at_least
    assert pair.evaluations_per_step == 2.0
    assert pair.evaluations.tolist() == [2.0 * 23, 2.0 * 20]
    task = PairTask("g", "r", BOWL, Twofold(), numpy.array([[8.0]]), None, 100, 1e-6, 1e3, 0)
    assert _counted_per_step(task, Twofold(), numpy.array([8.0]), 12) == (3 * 2 + 9) / 12


def test_a_product_with_the_transpose_is_paid_for():
    # Consensus takes xi and J^T xi.
    found = compare_rules({"xy": Bilinear([[1.0]])}, Consensus(gamma=0.4), starts=2)
    assert found.pair("xy", "Consensus").evaluations_per_step == 2


def test_starts_in_a_box_are_uniform():
    inside = Quadratic([[[1.0]]], (1,), domain=Box(2.0, 3.0))
    found = compare_rules({"box": inside}, ProjectedGradient(), starts=400, step_sizes=[1e-9], steps=1)
    points = found.pair("box", "ProjectedGradient").final[:, 0]
    assert numpy.all((points > 2.0) & (points < 3.0))
    # The mean of 400 has the standard deviation 1 / sqrt(12 * 400).
    assert abs(points.mean() - 2.5) < 6 / 4800**0.5


def test_where_nothing_converges_the_longest_step_that_stays_is_taken():
    found = compare_rules(
        {"xy": Bilinear([[1.0]])}, SimultaneousGradientDescent(), starts=3, step_sizes=[0.01, 0.02, 0.5]
    )
    assert found.pair("xy", "SimultaneousGradientDescent").step_size == 0.02
