"""Second-order rules on f = mu x^2 / 2 + s x y - mu y^2 / 2: radius, limit and best step, derived by SymPy from words.

Every matrix comes out as [[p, q], [-q, p]], of radius sqrt(p^2 + q^2), or triangular with real multipliers.
"""

import numpy
import pytest
import sympy

from gamedyn.updates import (
    Competitive,
    Consensus,
    DriftCancelling,
    FollowTheRidge,
    HamiltonianDescent,
    LocalSymplecticSurgery,
    Lola,
    LookaheadOpponent,
    StackelbergGradient,
    SymplecticAdjustment,
)

H, S, A, MU = sympy.symbols("h s a mu", positive=True)
X, Y = sympy.symbols("x y", real=True)
F = MU * X**2 / 2 + S * X * Y - MU * Y**2 / 2
XI = sympy.Matrix([F.diff(X), -F.diff(Y)])
Z = sympy.Matrix([X, Y])
J = XI.jacobian(Z)


def consensus():
    size = XI.dot(XI) / 2
    return Z - H * (XI + A * sympy.Matrix([size.diff(X), size.diff(Y)]))


def hamiltonian():
    size = XI.dot(XI) / 2
    return Z - H * sympy.Matrix([size.diff(X), size.diff(Y)])


def adjusted():
    return Z - H * (XI + A * (J - J.T).T / 2 * XI)


def after_the_others_step(fixed):
    """Each player's slope at the point where the other has stepped by a, fixed or moving with the player."""
    u, v = sympy.symbols("u v")
    xi_x, xi_y = (u, v) if fixed else (XI[0], XI[1])
    slopes = [F.subs(Y, Y - A * xi_y).diff(X), -F.subs(X, X - A * xi_x).diff(Y)]
    linear = [(t.subs(A, 0) + A * t.diff(A).subs(A, 0)).subs({u: XI[0], v: XI[1]}) for t in slopes]
    return Z - H * sympy.Matrix(linear)


def competitive():
    """Both moves minimise their local losses, bilinear between players, |move|^2 / (2 h) added."""
    u, v = sympy.symbols("u v")
    local_x = XI[0] * u + S * u * v + u**2 / (2 * H)
    local_y = XI[1] * v - S * u * v + v**2 / (2 * H)
    moves = sympy.solve([local_x.diff(u), local_y.diff(v)], [u, v], dict=True)[0]
    return Z + sympy.Matrix([moves[u], moves[v]])


def surgery():
    return Z - H / 2 * (XI + J.T * (J.T * J).inv() * J.T * XI)


def ridge():
    """y's correction keeps f_y unchanged by x's move: f_yy c + f_yx (move of x) = 0."""
    move = -H * XI[0]
    return Z - H * XI + sympy.Matrix([0, -F.diff(Y, X) * move / F.diff(Y, 2)])


def stackelberg():
    """x's slope along the parallel of the best response through (x, y): dy/dx = -f_yx / f_yy."""
    total = F.diff(X) - F.diff(Y) * F.diff(Y, X) / F.diff(Y, 2)
    return sympy.Matrix([X - H * total, Y - H * XI[1]])


def drift(own):
    """Minus the h^2 / 2 term by which a step misses the flow z' = -xi, of the player's own part or the other's, too."""
    second = J * XI if own else sympy.Matrix([J[0, 1] * XI[1], J[1, 0] * XI[0]])
    return Z - H * XI + H**2 / 2 * second


RULES = {
    "consensus": (consensus(), lambda h, a: Consensus(h, gamma=a)),
    "hamiltonian": (hamiltonian(), lambda h, a: HamiltonianDescent(h)),
    "adjusted": (adjusted(), lambda h, a: SymplecticAdjustment(h, strength=a)),
    "lookahead": (after_the_others_step(True), lambda h, a: LookaheadOpponent(h, alpha=a)),
    "lola": (after_the_others_step(False), lambda h, a: Lola(h, alpha=a)),
    "competitive": (competitive(), lambda h, a: Competitive(h)),
    "surgery": (surgery(), lambda h, a: LocalSymplecticSurgery(h)),
    "ridge": (ridge(), lambda h, a: FollowTheRidge(h)),
    "stackelberg": (stackelberg(), lambda h, a: StackelbergGradient(h)),
    "drift": (drift(True), lambda h, a: DriftCancelling(h)),
    "interaction": (drift(False), lambda h, a: DriftCancelling(h, terms="interaction")),
}
every_rule = pytest.mark.parametrize("name", RULES)


def matrix_of(name):
    return RULES[name][0].jacobian(Z).applyfunc(sympy.simplify)


def declared(name, h, a, mu, s):
    return RULES[name][1](h, a).iteration_matrix(numpy.array([[mu, s], [-s, mu]]), (1, 1))


def radius(matrix):
    return max(abs(numpy.linalg.eigvals(matrix)))


def has_ridge(name):
    return name in ("ridge", "stackelberg")


@every_rule
def test_the_declared_matrix_is_the_derived_one(name):
    derived = matrix_of(name)
    for h, a, mu, s in ((0.1, 0.5, 0.7, 1.3), (0.3, 0.2, 1.5, 0.4), (0.2, 0.3, 0.0, 1.7)):
        if mu == 0 and has_ridge(name):
            assert not numpy.isfinite(declared(name, h, a, mu, s)).all()
            continue
        expected = derived.subs({H: h, A: a, S: s, MU: mu})
        numpy.testing.assert_allclose(
            declared(name, h, a, mu, s), numpy.array(expected).astype(float), rtol=1e-12, atol=1e-14
        )


# Squared radius on the bilinear game (mu = 0), largest stable h and best h there; None: none is stable or best.
BILINEAR = {
    "consensus": ((1 - H * A * S**2) ** 2 + H**2 * S**2, 2 * A / (1 + A**2 * S**2), A / (1 + A**2 * S**2)),
    "hamiltonian": ((1 - H * S**2) ** 2, 2 / S**2, 1 / S**2),
    "adjusted": ((1 - H * A * S**2) ** 2 + H**2 * S**2, 2 * A / (1 + A**2 * S**2), A / (1 + A**2 * S**2)),
    "lookahead": ((1 - H * A * S**2) ** 2 + H**2 * S**2, 2 * A / (1 + A**2 * S**2), A / (1 + A**2 * S**2)),
    "lola": ((1 - 2 * H * A * S**2) ** 2 + H**2 * S**2, 4 * A / (1 + 4 * A**2 * S**2), 2 * A / (1 + 4 * A**2 * S**2)),
    "competitive": (1 / (1 + H**2 * S**2), sympy.oo, sympy.oo),
    "surgery": (sympy.Integer(1), None, None),
    "drift": (1 + (H * S) ** 4 / 4, None, None),
    # As LookAhead with a = h / 2: 1 + h^4 s^4 / 4 again, for H_o = J.
    "interaction": (1 + (H * S) ** 4 / 4, None, None),
}


def squared_radius(name, mu):
    """p^2 + q^2 of the derived matrix, which must have that shape."""
    matrix = matrix_of(name).subs(MU, mu)
    assert sympy.simplify(matrix[0, 0] - matrix[1, 1]) == 0
    assert sympy.simplify(matrix[0, 1] + matrix[1, 0]) == 0
    return sympy.simplify(matrix[0, 0] ** 2 + matrix[0, 1] ** 2)


def check_limit_and_best(name, squared, limit, best, mu, s=1.5, a=0.4):
    """The closed forms against calculus, and against the rule's own matrix on both sides of them."""
    at = {S: s, A: a, MU: mu}
    if limit is None:
        assert all(radius(declared(name, h, a, mu, s)) >= 1 - 1e-14 for h in (1e-3, 0.1, 1.0, 3.0))
        return
    if limit is sympy.oo:
        assert all(radius(declared(name, h, a, mu, s)) < 1 for h in (1e-3, 0.1, 1.0, 30.0, 1e4))
    else:
        assert sympy.simplify(squared.subs(H, limit)) == 1
        end = float(limit.subs(at))
        assert all(radius(declared(name, end * part, a, mu, s)) < 1 for part in (0.01, 0.5, 1 - 1e-6))
        assert radius(declared(name, end * (1 + 1e-6), a, mu, s)) > 1 + 1e-9
    if best is not sympy.oo:
        assert sympy.simplify(squared.diff(H).subs(H, best)) == 0
        here = float(best.subs(at))
        least = float(sympy.sqrt(squared.subs(at).subs(H, here)))
        assert radius(declared(name, here, a, mu, s)) == pytest.approx(least, rel=1e-7, abs=1e-7)
        assert all(radius(declared(name, here * part, a, mu, s)) > least for part in (0.9, 1.1))


@pytest.mark.parametrize("name", BILINEAR)
def test_on_the_bilinear_game(name):
    squared, limit, best = BILINEAR[name]
    if name == "surgery":
        matrix = matrix_of(name).subs(MU, 0)
        assert matrix == sympy.eye(2)
    else:
        assert sympy.simplify(squared_radius(name, 0) - squared) == 0
    check_limit_and_best(name, squared, limit, best, 0.0)


# Matrices I - h [[k, l], [-l, k]]: (1 - h k)^2 + h^2 l^2 is 1 at 2 k / (k^2 + l^2) and least at half of that.
AFFINE = {
    "consensus": (MU + A * (MU**2 + S**2), S),
    "hamiltonian": (MU**2 + S**2, sympy.Integer(0)),
    "adjusted": (MU + A * S**2, S * (1 - A * MU)),
    "lookahead": (MU + A * S**2, S * (1 - A * MU)),
    "lola": (MU + 2 * A * S**2, S * (1 - 2 * A * MU)),
    "surgery": (MU, sympy.Integer(0)),
}


@pytest.mark.parametrize("name", AFFINE)
def test_on_the_monotone_game(name):
    k, turn = AFFINE[name]
    squared = (1 - H * k) ** 2 + H**2 * turn**2
    assert sympy.simplify(squared_radius(name, MU) - squared) == 0
    limit = 2 * k / (k**2 + turn**2)
    check_limit_and_best(name, squared, limit, limit / 2, 0.8)


def test_competitive_descent_on_the_monotone_game():
    # (1 - h mu)^2 / (1 + h^2 s^2): every step is stable where mu <= s, and h = 1 / mu ends in one step.
    squared = (1 - H * MU) ** 2 / (1 + H**2 * S**2)
    assert sympy.simplify(squared_radius("competitive", MU) - squared) == 0
    check_limit_and_best("competitive", squared, sympy.oo, 1 / MU, 0.8)
    limit = 2 * MU / (MU**2 - S**2)
    check_limit_and_best("competitive", squared, limit, 1 / MU, 1.5, s=0.7)


@pytest.mark.parametrize("name", ["ridge", "stackelberg"])
def test_leader_and_follower_on_the_monotone_game(name):
    # Multipliers 1 - h mu and 1 - h (mu + s^2 / mu): the latter ends stability, both balance at the best step.
    fast = MU + S**2 / MU
    found = matrix_of(name).eigenvals()
    assert {sympy.expand(r) for r in found} == {sympy.expand(1 - H * MU), sympy.expand(1 - H * fast)}
    mu, s = 0.8, 1.5
    limit, best = (float(h.subs({MU: mu, S: s})) for h in (2 / fast, 2 / (MU + fast)))
    below, above = (radius(declared(name, limit * part, 0, mu, s)) for part in (1 - 1e-6, 1 + 1e-6))
    assert below < 1 < above
    least = s**2 / (2 * mu**2 + s**2)
    assert radius(declared(name, best, 0, mu, s)) == pytest.approx(least, rel=1e-12, abs=0.0)
    assert all(radius(declared(name, best * part, 0, mu, s)) > least for part in (0.99, 1.01))


def test_cancelled_drift_on_the_monotone_game():
    # |1 - w + w^2 / 2|^2 with w = h (mu + i s), |w|^2 = n h^2: 1 - 2 h mu + 2 h^2 mu^2 - n mu h^3 + n^2 h^4 / 4.
    n = MU**2 + S**2
    squared = 1 - 2 * H * MU + 2 * H**2 * MU**2 - n * MU * H**3 + n**2 * H**4 / 4
    assert sympy.simplify(squared_radius("drift", MU) - squared) == 0
    mu, s = 0.8, 1.5
    cubic = sympy.Poly(sympy.expand(((squared - 1) / H).subs({MU: mu, S: s})), H)
    (limit,) = [float(root) for root in cubic.nroots() if root.is_real]
    below, above = (radius(declared("drift", limit * part, 0, mu, s)) for part in (1 - 1e-6, 1 + 1e-6))
    assert below < 1 < above
