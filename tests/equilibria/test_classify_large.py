"""Games of more than 1000 coordinates, judged by products alone, against the dense verdicts of the same games."""

import numpy
import pytest

from gamedyn.equilibria import _classify, check_differential_nash, classify
from gamedyn.equilibria._large_game import view_large
from gamedyn.games import Box, Game
from gamedyn.models import NeuralGAN
from gamedyn.nn import mlp
from gamedyn.objectives import Minimax


class Products(Game):
    """A quadratic game, of one player or zero-sum, by J v and J^T u; `shift` moves its point of rest."""

    def __init__(self, matrix, dims, shift=0.0):
        self.matrix, self.dims, self.shift = numpy.asarray(matrix), tuple(dims), shift

    def losses(self, z):
        m, z = self.dims[0], z - self.shift
        x, y = z[..., :m], z[..., m:]
        value = numpy.sum(x * (z @ self.matrix[:m].T - x @ self.matrix[:m, :m].T / 2), axis=-1)
        value = value - numpy.sum(y * (y @ self.matrix[m:, m:].T), axis=-1) / 2
        return numpy.stack([value, -value][: len(self.dims)], axis=-1)

    def simultaneous_gradient(self, z):
        return (z - self.shift) @ self.matrix.T

    def jvp(self, z, v):
        return v @ self.matrix.T

    def vjp(self, z, u):
        return u @ self.matrix


def zero_sum_matrix(rng, p, q, coupling):
    """[[P, A], [-A^T, Q]] with the given eigenvalues of P and Q in random bases."""
    blocks = []
    for w in (p, q):
        u = numpy.linalg.qr(rng.standard_normal((len(w), len(w))))[0]
        blocks.append((u * w) @ u.T)
    a = coupling * rng.standard_normal((len(p), len(q))) / len(p) ** 0.5
    matrix = numpy.block([[blocks[0], a], [-a.T, blocks[1]]])
    matrix[: len(p), : len(p)] = (matrix[: len(p), : len(p)] + matrix[: len(p), : len(p)].T) / 2
    matrix[len(p) :, len(p) :] = (matrix[len(p) :, len(p) :] + matrix[len(p) :, len(p) :].T) / 2
    return matrix


CASES = {
    "Nash": ((0.5, 2.0), (1.0, 2.0), 1.0, "nash"),
    "minimax": ((-0.05, 2.0), (1.0, 2.0), 3.0, "minimax"),
    "saddle": ((-1.0, 2.0), (1.0, 2.0), 0.1, "saddle"),
    "repeller": ((-2.0, -1.0), (-2.0, -1.0), 1.0, "repeller"),
}


@pytest.mark.parametrize("name", CASES)
def test_large_verdicts_are_those_of_the_dense_test(rng, monkeypatch, name):
    first, second, coupling, kind = CASES[name]
    sizes = (70, 50)
    p, q = (numpy.linspace(*ends, size) for ends, size in zip((first, second), sizes, strict=True))
    game = Products(zero_sum_matrix(rng, p, q, coupling), sizes)
    dense = classify(game, numpy.zeros(120))
    monkeypatch.setattr(_classify, "DENSE_LIMIT", 100)
    large = classify(game, numpy.zeros(120))
    assert dense.kind == large.kind == kind
    for field in ("stationary", "differential_nash", "local_minimax", "attracting", "strict_saddle"):
        one, other = getattr(dense, field), getattr(large, field)
        assert other.answer in (one.answer, "undecided")
    assert large.differential_nash.answer == dense.differential_nash.answer
    assert large.stackelberg[1].answer == dense.stackelberg[1].answer
    if kind != "minimax":
        # There the symmetric part is indefinite, and an operator has no other proof of attraction.
        assert large.attracting.answer == dense.attracting.answer
    # Its margin is a Ritz value of 40 or 160 steps.
    assert large.differential_nash.margin == pytest.approx(dense.differential_nash.margin, abs=0.1)
    assert large.eigenvalue_residuals.shape == large.eigenvalues.shape
    # An eigenvalue is within the residual times its condition, here well below 10.
    gaps = numpy.abs(large.eigenvalues[:, None] - dense.eigenvalues).min(axis=1)
    assert numpy.all(gaps <= 10 * large.eigenvalue_residuals + 1e-12)
    if kind != "minimax":
        # There, with 3 times the coupling, the right end is too crowded for the budget, as its residuals say.
        assert large.eigenvalue_residuals[[0, -1]].max() < 1e-6
        numpy.testing.assert_allclose(large.eigenvalues[[0, -1]].real, dense.eigenvalues[[0, -1]].real, atol=1e-6)
    if large.differential_nash.is_yes:
        assert "but for a probability of" in large.differential_nash.reason


def test_no_yes_where_the_smallest_curvature_hides(rng, monkeypatch):
    # One direction of slightly negative curvature among many: never "yes", whatever the start.
    monkeypatch.setattr(_classify, "DENSE_LIMIT", 100)
    curvature = numpy.linspace(1.0, 2.0, 600)
    curvature[300] = -1e-3
    counts = {"yes": 0, "no": 0, "undecided": 0}
    game = Products(numpy.diag(curvature), (600,))
    for seed in range(20):
        counts[check_differential_nash(game, numpy.zeros(600), rng=seed).answer] += 1
    assert counts["yes"] == 0
    assert counts["no"] > 0
    # Definite, but not beyond rounding.
    curvature[300] = 1e-18
    assert check_differential_nash(Products(numpy.diag(curvature), (600,)), numpy.zeros(600)).is_undecided
    # Too crowded for the steps: the smallest value seen is positive, the smallest eigenvalue is not.
    crowded = numpy.linspace(0.0, 1.0, 600) ** 4 - 1e-12
    verdict = check_differential_nash(Products(numpy.diag(crowded), (600,)), numpy.zeros(600))
    assert verdict.margin > 0
    assert verdict.is_undecided


def test_a_computed_eigenvalue_of_huge_condition_is_no_proof(monkeypatch):
    # The eigenvalue is 1e-3, eight times; computed ones scatter by 0.01 around it, to both sides of the axis.
    monkeypatch.setattr(_classify, "DENSE_LIMIT", 3)
    turn = numpy.linalg.qr(numpy.random.default_rng(3).standard_normal((8, 8)))[0]
    game = Products(turn @ (1e-3 * numpy.eye(8) + numpy.eye(8, k=1)) @ turn.T, (1,) * 8)
    found = classify(game, numpy.zeros(8))
    assert found.eigenvalues[0].real < -1e-4
    assert found.attracting.is_undecided


def test_zero_sum_games_need_no_products_with_the_transpose(rng, monkeypatch):
    monkeypatch.setattr(_classify, "DENSE_LIMIT", 10)

    class Forward(Products):
        vjp = Game.vjp
        jacobian = None

    p, q = numpy.linspace(-1.0, 2.0, 30), numpy.linspace(1.0, 2.0, 20)
    matrix = zero_sum_matrix(rng, p, q, 0.1)
    for kind in (Forward, Products):
        found = classify(kind(matrix, (30, 20)), numpy.zeros(50))
        assert found.kind == "saddle"
        assert found.degenerate.is_undecided


def test_a_point_that_does_not_rest(monkeypatch):
    monkeypatch.setattr(_classify, "DENSE_LIMIT", 3)
    game = Products(numpy.diag([1.0, 2.0, 3.0, 4.0, 5.0]), (3, 2), shift=0.5)
    assert classify(game, numpy.zeros(5)).kind == "nonstationary"
    assert classify(game, numpy.full(5, 0.5)).kind == "nash"
    assert classify(game, numpy.full(5, 0.5 + 1e-12)).kind == "nash"
    with pytest.raises(ValueError, match=r"`z` must be one point where d > 3, got shape \(2, 5\)"):
        classify(game, numpy.zeros((2, 5)))


def test_constraints_and_kinks_are_open(monkeypatch):
    monkeypatch.setattr(_classify, "DENSE_LIMIT", 3)
    game = Products(numpy.eye(5), (3, 2))
    game.domain = Box(0.0, 1.0)
    found = classify(game, numpy.zeros(5))
    assert found.kind == "undecided"
    assert "constraints of the game's domain hold here" in found.stationary.reason

    class Bent(Products):
        def simultaneous_gradient(self, z):
            return z + numpy.maximum(z, 0)

    found = classify(Bent(numpy.eye(5), (3, 2)), numpy.zeros(5))
    assert found.kind == "undecided"
    for name in ("stationary", "differential_nash", "attracting", "strict_saddle", "attracting_not_nash", "degenerate"):
        assert getattr(found, name).is_undecided
        assert getattr(found, name).reason.startswith("not twice differentiable here")
    assert check_differential_nash(Bent(numpy.eye(5), (3, 2)), numpy.zeros(5)).is_undecided

    class Jumping(Products):
        def simultaneous_gradient(self, z):
            return z + 1 + 0.01 * (z > 0)

    # A jump takes little of a gradient of 1, and all of one of 0.001.
    game = Jumping(numpy.eye(5), (3, 2))
    assert classify(game, numpy.zeros(5)).kind == "nonstationary"
    monkeypatch.setattr(Jumping, "simultaneous_gradient", lambda self, z: z + 0.001 + 0.01 * (z > 0))
    assert classify(game, numpy.zeros(5)).kind == "undecided"


def test_structural_zeros_are_no_rounding(monkeypatch):
    monkeypatch.setattr(_classify, "DENSE_LIMIT", 3)
    found = classify(Products(numpy.diag([1.0, 0.0, 3.0, 4.0, 5.0]), (3, 2)), numpy.zeros(5))
    assert found.differential_nash.is_no
    assert found.degenerate.is_yes


class Tilted(Game):
    """L_i + c |z_i|^2 / 2 - b_i . z_i, b such that the given point is at rest, with all the curvature it has."""

    def __init__(self, inner, c, point):
        self.inner, self.c, self.dims = inner, c, inner.dims
        self.tilt = inner.simultaneous_gradient(point) + c * point

    def losses(self, z):
        first = self.dims[0]
        terms = self.c * z**2 / 2 - self.tilt * z
        own = [numpy.sum(block, axis=-1) for block in (terms[..., :first], terms[..., first:])]
        return self.inner.losses(z) + numpy.stack(own, axis=-1)

    def simultaneous_gradient(self, z):
        return self.inner.simultaneous_gradient(z) + self.c * z - self.tilt

    def jvp(self, z, v):
        return self.inner.jvp(z, v) + self.c * v

    def vjp(self, z, u):
        return self.inner.vjp(z, u) + self.c * u

    def own_hvp(self, z, v):
        return self.inner.own_hvp(z, v) + self.c * v


def neural_game(width):
    data = numpy.random.default_rng(0).standard_normal((32, 2))
    networks = mlp((2, width, width, 2)), mlp((2, width, width, 1))
    return NeuralGAN(*networks, Minimax(), data, latent_dim=2, batch_size=32).full()


def judge_neural_games(width):
    game = neural_game(width)
    d = sum(game.dims)
    origin, point = numpy.zeros(d), numpy.random.default_rng(1).standard_normal(d) / width**0.5
    assert classify(game, point).kind == "nonstationary"
    # At 0 only the last bias has curvature: the discriminator's own, softplus'' = 1/4 for real and fake samples each.
    found = classify(game, origin)
    assert found.differential_nash.is_no
    assert found.degenerate.is_yes
    found = classify(Tilted(game, 0.5, origin), origin)
    assert found.kind == "nash"
    assert found.attracting.is_yes
    assert found.eigenvalues[0].real == pytest.approx(0.5)
    assert found.eigenvalues[-1].real == pytest.approx(1.0)
    # Elsewhere curvature has both signs.
    tilted = Tilted(game, 0.0, point)
    found = classify(tilted, point)
    assert found.kind in ("saddle", "marginal", "attractor")
    assert found.differential_nash.is_no
    assert found.eigenvalue_residuals.max() < 1e-3
    return tilted, point, found


def test_neural_games_form_no_matrix(monkeypatch):
    monkeypatch.setattr(type(neural_game(2)), "jacobian", None)
    tilted, point, found = judge_neural_games(25)
    monkeypatch.undo()
    rows = numpy.random.default_rng(2).standard_normal((3, len(point)))
    # Linearised once, at the game's own kept passes.
    numpy.testing.assert_allclose(
        tilted.inner.linearize(point)(rows), rows @ tilted.inner.jacobian(point).T, rtol=1e-9, atol=1e-11
    )
    view = view_large(tilted.inner, point, (False, False), numpy.random.default_rng(3))
    first, jacobian = tilted.dims[0], tilted.inner.jacobian(point)
    numpy.testing.assert_allclose(view.transpose(rows[0]), rows[0] @ jacobian, rtol=1e-9, atol=1e-11)
    for player, block in enumerate((slice(0, first), slice(first, None))):
        v = rows[1][block]
        numpy.testing.assert_allclose(view.own_product(player)(v), jacobian[block, block] @ v, rtol=1e-9, atol=1e-11)
    exact = numpy.linalg.eigvals(jacobian)
    assert found.eigenvalues[0].real == pytest.approx(exact.real.min(), abs=1e-5)
    assert found.eigenvalues[-1].real == pytest.approx(exact.real.max(), abs=1e-5)
    own = [tilted.inner.own_hessian(point, player) for player in (0, 1)]
    assert len(own[0]) == first
    smallest = min(numpy.linalg.eigvalsh((h + h.T) / 2)[0] for h in own)
    assert found.differential_nash.margin >= smallest - 1e-9
    assert found.strict_saddle.answer in ("yes" if exact.real.min() < 0 else "no", "undecided")


@pytest.mark.full
def test_a_neural_game_of_35000_parameters():
    _, point, _ = judge_neural_games(130)
    assert len(point) > 35_000
