"""Every rule on the bilinear game f = s x y, against closed forms that SymPy derives from the rule's words."""

import numpy
import pytest
import sympy

from gamedyn.games import Bilinear
from gamedyn.updates import (
    AlternatingGradientDescent,
    Consensus,
    Extragradient,
    OptimisticGradient,
    ProximalPoint,
    SimultaneousGradientDescent,
)

H, S, G = sympy.symbols("h s gamma", positive=True)
X, Y, P, Q = sympy.symbols("x y p q", real=True)


def xi(x, y):
    """x minimises s x y, y maximises it."""
    return sympy.Matrix([S * y, -S * x])


Z, MEMORY = sympy.Matrix([X, Y]), sympy.Matrix([P, Q])


def alternating():
    x = X - H * S * Y
    return sympy.Matrix([x, Y + H * S * x])


def proximal():
    u, v = sympy.symbols("u v")
    solution = sympy.solve([u - X + H * S * v, v - Y - H * S * u], [u, v], dict=True)[0]
    return sympy.Matrix([solution[u], solution[v]])


def consensus():
    size = (S**2 * (X**2 + Y**2)) / 2
    return Z - H * (xi(X, Y) + G * sympy.Matrix([size.diff(X), size.diff(Y)]))


# rule: (where the extended state [x, y, memories] goes, the largest modulus of its multipliers squared)
A = H * S
STEPS = {
    SimultaneousGradientDescent: (Z - H * xi(X, Y), 1 + A**2),
    AlternatingGradientDescent: (alternating(), sympy.Integer(1)),
    Extragradient: (Z - H * xi(*(Z - H * xi(X, Y))), 1 - A**2 + A**4),
    OptimisticGradient: (
        sympy.Matrix.vstack(Z - 2 * H * xi(X, Y) + H * MEMORY, xi(X, Y)),
        (1 + sympy.sqrt(1 - 4 * A**2)) / 2,
    ),
    Consensus: (consensus(), (1 - H * G * S**2) ** 2 + A**2),
    ProximalPoint: (proximal(), 1 / (1 + A**2)),
}


def make(kind, h, gamma):
    return kind(h, gamma=gamma) if kind is Consensus else kind(h)


def radius(matrix):
    return max(abs(numpy.linalg.eigvals(matrix)))


@pytest.mark.parametrize("kind", STEPS)
def test_the_declared_matrix_is_the_derived_one(kind):
    derived, _ = STEPS[kind]
    variables = [X, Y, P, Q][: len(derived)]
    for h, s, gamma in ((0.1, 1.0, 0.5), (0.3, 1.7, 0.2)):
        expected = derived.jacobian(variables).subs({H: h, S: s, G: gamma})
        game = Bilinear([[s]])
        matrix = make(kind, h, gamma).iteration_matrix(game.jacobian(numpy.zeros(2)), (1, 1))
        numpy.testing.assert_allclose(matrix, numpy.array(expected).astype(float), rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("kind", STEPS)
def test_the_radius_has_its_closed_form(kind):
    derived, squared = STEPS[kind]
    variables = [X, Y, P, Q][: len(derived)]
    for h, s, gamma in ((sympy.Rational(1, 10), 1, sympy.Rational(1, 2)), (sympy.Rational(3, 25), 3, 1)):
        at = {H: h, S: s, G: gamma}
        moduli = [abs(complex(sympy.N(r, 30))) for r in derived.jacobian(variables).subs(at).eigenvals()]
        closed = float(sympy.sqrt(squared.subs(at)))
        assert max(moduli) == pytest.approx(closed, rel=1e-14, abs=0.0)
        jacobian = Bilinear([[float(s)]]).jacobian(numpy.zeros(2))
        matrix = make(kind, float(h), float(gamma)).iteration_matrix(jacobian, (1, 1))
        assert radius(matrix) == pytest.approx(closed, rel=1e-12, abs=0.0)


# The largest stable h s, where the closed form reaches 1; consensus: 2 gamma s / (1 + gamma^2 s^2).
LIMITS = {
    Extragradient: 1.0,
    OptimisticGradient: 1 / numpy.sqrt(3),
    AlternatingGradientDescent: 2.0,
    Consensus: 2 * 0.4 * 1.5 / (1 + 0.4**2 * 1.5**2),
}


@pytest.mark.parametrize("kind", LIMITS)
def test_stability_ends_at_the_closed_form(kind):
    s, gamma = 1.5, 0.4
    jacobian = Bilinear([[s]]).jacobian(numpy.zeros(2))
    below, above = (
        radius(make(kind, LIMITS[kind] / s * factor, gamma).iteration_matrix(jacobian, (1, 1)))
        for factor in (1 - 1e-6, 1 + 1e-6)
    )
    assert below < 1 if kind is not AlternatingGradientDescent else below == pytest.approx(1, abs=1e-9)
    assert above > 1 + 1e-9


def test_simultaneous_descent_grows_by_the_same_factor_every_step():
    z, rule = numpy.array([3.0, 4.0]), SimultaneousGradientDescent(0.75)
    for k in range(1, 6):
        z, _ = rule.step(Bilinear([[1.0]]), z, None)
        # sqrt(1 + 0.75^2) = 1.25
        assert numpy.linalg.norm(z) == pytest.approx(5 * 1.25**k, rel=1e-15, abs=0.0)


def test_alternating_descent_keeps_a_quadratic_form(rng):
    matrix = rng.standard_normal((3, 2))
    h = 1.9 / numpy.linalg.norm(matrix, 2)
    z = start = rng.standard_normal((4, 5))
    rule, game = AlternatingGradientDescent(h), Bilinear(matrix)

    def form(z):
        # |x|^2 + |y|^2 - h x^T A y, positive definite for h ||A|| < 2.
        return (z**2).sum(-1) - h * numpy.einsum("bi,ij,bj->b", z[:, :3], matrix, z[:, 3:])

    for _ in range(1000):
        z, _ = rule.step(game, z, None)
    numpy.testing.assert_allclose(form(z), form(start), rtol=1e-11)
    assert not numpy.allclose((z**2).sum(-1), (start**2).sum(-1), rtol=1e-2)
