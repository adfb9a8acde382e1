"""The rate audit: the decay that a run shows against the spectral radius, for every rule with a linear rate.

`python -m tests.laws.rate_audit` prints the worst relative disagreement of -log radius for every rule.
"""

import math
import sys
from typing import NamedTuple

import numpy
import scipy.optimize

from gamedyn.backend import array_namespace
from gamedyn.dynamics import fit_rate, simulate
from gamedyn.equilibria import iteration_matrix, spectral_radius, stable_step_sizes
from gamedyn.games import Game, Product, Quadratic, Reals, Simplex, player_slices
from gamedyn.updates import BestResponse
from tests.cases import RULES, SIMPLEX_RULES
from tests.laws.test_updates import is_memory, leaves, with_memories

SHARES = (0.3, 0.6, 0.9)
"""Of the best step size."""


class Bent(Game):
    """A quadratic game with the cubic (c_i . z)^3 / 3 and the linear form b_i . z in the loss of every player i.

    b_i has no part in the player's own coordinates, so that xi = 0 at z = 0; rules that look at what the others' moves
    do to a loss rest elsewhere.
    """

    def __init__(self, quadratic, cubic, linear):
        self.quadratic, self.dims, self.cubic, self.linear = quadratic, quadratic.dims, cubic, linear

    def losses(self, z):
        return self.quadratic.losses(z) + (z @ self.cubic.T) ** 3 / 3 + z @ self.linear.T

    def loss_gradients(self, z):
        bent = ((z @ self.cubic.T) ** 2)[..., None] * self.cubic
        return self.quadratic.loss_gradients(z) + bent + self.linear

    def simultaneous_gradient(self, z):
        gradients = self.loss_gradients(z)
        own = [gradients[..., i, block] for i, block in enumerate(player_slices(self.dims))]
        return array_namespace(z).concat(own, axis=-1)


def definite_jacobian(rng, dims):
    """S + A with S definite and A antisymmetric, both drawn; general-sum where S couples the players."""
    d = sum(dims)
    basis = numpy.linalg.qr(rng.standard_normal((d, d)))[0]
    symmetric = basis * rng.uniform(0.3, 1.0, d) @ basis.T
    free = rng.standard_normal((d, d))
    jacobian = symmetric + 0.6 * (free - free.T) / math.sqrt(d)
    for block in player_slices(dims):
        jacobian[block, block] = (jacobian[block, block] + jacobian[block, block].T) / 2
    return jacobian


def definite_game(rng, dims, bend=0.0):
    """Quadratic, with a definite symmetric part of J; or bent."""
    d, quadratic = sum(dims), Quadratic.from_jacobian(definite_jacobian(rng, dims), dims)
    if not bend:
        return quadratic
    linear = bend * rng.standard_normal((len(dims), d))
    for i, block in enumerate(player_slices(dims)):
        linear[i, block] = 0.0
    return Bent(quadratic, bend * rng.standard_normal((len(dims), d)), linear)


def strategic_game(rng, dims):
    """(game, rest): quadratic losses of mixed strategies, with xi = 0 at strategies that mix all actions."""
    rest = numpy.concatenate([rng.dirichlet(numpy.full(size, 5.0)) for size in dims])
    jacobian = definite_jacobian(rng, dims)
    game = Quadratic.from_jacobian(jacobian, dims, -jacobian @ rest)
    game.domain = Product([Simplex()] * len(dims), dims)
    return game, rest


def rest_of(rule, game):
    """Where the rule rests, near 0."""
    found = scipy.optimize.root(lambda z: rule.stationary_residual(game, z), numpy.zeros(sum(game.dims)), tol=1e-14)
    if not numpy.max(abs(found.fun)) < 1e-13:
        raise ArithmeticError(f"no point of rest of {rule!r}")
    return found.x


def has_one_map(rule):
    """Whether the last iterate has a rate: one map at every step, with a derivative at rest."""
    return rule.is_time_invariant and rule.is_smooth_at_rest


FREE_RULES = [rule for rule in RULES if has_one_map(rule)]
# Best responses jump next to strategies that mix.
STRATEGIC_RULES = [rule for rule in SIMPLEX_RULES if has_one_map(rule) and not isinstance(rule, BestResponse)]


def problems(rng, rule, repeats, shapes=(((1, 1), 0.0), ((2, 2), 0.0), ((1, 2, 1), 0.0), ((1, 1), 0.3), ((2, 1), 0.3))):
    """(game, rest) for a rule on R^d: players of those sizes, in games bent so much."""
    for dims, bend in shapes:
        for _ in range(repeats if rule.players in (None, len(dims)) else 0):
            game = definite_game(rng, dims, bend)
            yield game, rest_of(rule, game)


class Row(NamedTuple):
    """One run."""

    step_size: float
    predicted: float
    fitted: float

    @property
    def disagreement(self):
        """Of -log radius, relative."""
        return abs(math.log(self.fitted) / math.log(self.predicted) - 1)


def audit(rule, game, rest, rng):
    """Rows for some step sizes of the stable range; none where the rule is stable nowhere."""
    found = stable_step_sizes(rule, game, rest)
    if not found.intervals:
        return []
    best = found.best if math.isfinite(found.best) else 1.0
    rows = []
    for share in SHARES:
        tuned = rule.with_step_size(share * best)
        predicted = float(spectral_radius(tuned, game, rest))
        rows.append(Row(share * best, predicted, fitted_factor(tuned, game, rest, predicted, rng)))
    return rows


def fitted_factor(rule, game, rest, radius, rng):
    """From a pair of runs, along the real and the imaginary part of the slowest mode, and 1e-3 of everything else.

    The norm of such a pair decays without oscillation, so that a few steps show the factor.
    """
    values, vectors = numpy.linalg.eig(iteration_matrix(rule, game, rest))
    mode = vectors[:, numpy.abs(values).argmax()]
    # From small distances where the game or the rule bends, and not down to the rounding of the point of rest.
    d, is_linear = rest.size, game.is_affine and isinstance(game.domain, Reals) and rule.is_linear_everywhere
    size, decay = (1.0, 1e-10) if is_linear else (1e-5, 1e-5)
    pair = numpy.stack([mode.real, mode.imag]) + 1e-3 * rng.standard_normal((2, mode.size))
    start = rest + size * pair[:, :d]
    state = rule.init(game, rest + numpy.zeros((2, d)))
    memories = [leaf for leaf in leaves(state) if is_memory(leaf, d)]
    if mode.size == d * (1 + len(memories)):
        moved = [leaf + size * pair[:, k * d : (k + 1) * d] for k, leaf in enumerate(memories, 1)]
        state = with_memories(state, iter(moved), d)
    # At least what a fit needs; more of a fast decay would show where points are rounded.
    steps = max(9, math.ceil(math.log(decay) / math.log(radius)))
    path = simulate(game, rule, start, min(steps, 5000), state=state)
    return float(fit_rate(numpy.linalg.norm(path.distance_to(rest), axis=-1)).value)


def main(repeats=4):
    """Print the table."""
    lines = []
    for rule in FREE_RULES:
        rng = numpy.random.default_rng(5)
        rows = [row for game, rest in problems(rng, rule, repeats) for row in audit(rule, game, rest, rng)]
        lines.append((rule, rows))
    for rule in STRATEGIC_RULES:
        rng = numpy.random.default_rng(5)
        games = [strategic_game(rng, dims) for dims in ((2, 2), (3, 2), (2, 3, 2)) for _ in range(repeats)]
        lines.append((rule, [row for game, rest in games for row in audit(rule, game, rest, rng)]))
    sys.stdout.write("runs  worst disagreement  rule\n")
    for rule, rows in lines:
        worst = max((row.disagreement for row in rows), default=math.nan)
        sys.stdout.write(f"{len(rows):>4}  {worst:18.1e}  {rule!r}\n")


if __name__ == "__main__":
    main()
