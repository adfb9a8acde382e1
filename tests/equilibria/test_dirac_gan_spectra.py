"""The Dirac-GAN at 0 under every objective and regulariser: spectra and verdicts by SymPy from published losses."""

import numpy
import pytest
import sympy

from gamedyn import divergences, objectives
from gamedyn.equilibria import game_spectrum, spectral_radius
from gamedyn.games import ConsensusRegularized, DiracGAN, Regularized
from gamedyn.updates import AlternatingGradientDescent, SimultaneousGradientDescent

THETA, PSI, E, H, SIGMA = sympy.symbols("theta psi e h sigma", real=True)
G = sympy.symbols("g", nonnegative=True)
R = sympy.symbols("r", positive=True)
ZERO = {THETA: 0, PSI: 0}


def logistic(s):
    return sympy.log(1 + sympy.exp(s))


def f_gan(generator, saturating):
    """Losses a, b, c of T = f'(e^s), from the generator f of the paper's table."""
    critic, conjugate = generator.diff(R), R * generator.diff(R) - generator

    def at(expression):
        return lambda s: expression.subs(R, sympy.exp(s))

    return at(-critic), at(conjugate), at(-conjugate if saturating else -critic)


# (a, b, c) on real and fake outputs, from the papers.
LOSSES = {
    objectives.Minimax(): (lambda s: logistic(-s), logistic, lambda s: -logistic(s)),
    objectives.NonSaturating(): (lambda s: logistic(-s), logistic, lambda s: logistic(-s)),
    objectives.Wasserstein(): (lambda s: -s, lambda s: s, lambda s: -s),
    objectives.LeastSquares(): (lambda s: (s - 1) ** 2 / 2, lambda s: s**2 / 2, lambda s: (s - 1) ** 2 / 2),
    objectives.LeastSquares(1.0, -1.0, 0.0): (
        *(lambda s: (s - 1) ** 2 / 2, lambda s: (s + 1) ** 2 / 2),
        lambda s: s**2 / 2,
    ),
    # Near 0, inside both margins.
    objectives.Hinge(): (lambda s: 1 - s, lambda s: 1 + s, lambda s: -s),
}
GENERATORS = {
    divergences.KullbackLeibler(): R * sympy.log(R),
    divergences.ReverseKullbackLeibler(): -sympy.log(R),
    divergences.JensenShannon(): R * sympy.log(2 * R / (R + 1)) / 2 + sympy.log(2 / (R + 1)) / 2,
    divergences.SquaredHellinger(): (sympy.sqrt(R) - 1) ** 2 / 2,
    divergences.Pearson(): (R - 1) ** 2,
    divergences.Neyman(): (R - 1) ** 2 / R,
    divergences.Jeffreys(): (R - 1) * sympy.log(R),
    divergences.LeCam(): (R - 1) ** 2 / (R + 1),
    divergences.GANDivergence(): R * sympy.log(R) - (R + 1) * sympy.log(R + 1),
}
for kind, generator in GENERATORS.items():
    for saturating in (True, False):
        LOSSES[objectives.FGAN(kind, saturating)] = f_gan(generator, saturating)


def gaussian(expression):
    """E over e ~ N(0, 1) of a polynomial in e."""
    moments = [1, 0, 1, 0, 3]
    return sum(c * moments[k] for k, c in enumerate(reversed(sympy.Poly(sympy.expand(expression), E).all_coeffs())))


def jacobian_of(losses, regulariser):
    """J at 0 of (L_0, L_1), both expanded to second order in (theta, psi)."""
    a, b, c = losses
    s = sympy.symbols("s")

    def expanded(function, output):
        return sum(function(s).diff(s, k).subs(s, 0) * output**k / sympy.factorial(k) for k in range(3))

    noise = SIGMA * E if regulariser == "instance noise" else 0
    fake, real = PSI * (THETA + noise), PSI * noise
    first, second = gaussian(expanded(c, fake)), gaussian(expanded(a, real) + expanded(b, fake))
    if regulariser in ("r1", "r2"):
        second += G * PSI**2 / 2
    field = sympy.Matrix([first.diff(THETA), second.diff(PSI)])
    if regulariser == "consensus":
        field += G * sympy.Matrix([(field.T * field)[0].diff(x) / 2 for x in (THETA, PSI)])
    return field.jacobian([THETA, PSI]).subs(ZERO).applyfunc(sympy.nsimplify)


def game_of(objective, regulariser, strength):
    if regulariser == "instance noise":
        return DiracGAN(objective, instance_noise=strength)
    if regulariser == "consensus":
        return ConsensusRegularized(DiracGAN(objective), strength)
    return DiracGAN(objective) if regulariser == "none" else Regularized(DiracGAN(objective), **{regulariser: strength})


@pytest.mark.parametrize("regulariser", ["none", "r1", "r2", "instance noise", "consensus"])
@pytest.mark.parametrize("objective", LOSSES, ids=repr)
def test_spectra_and_radii_are_those_of_the_published_losses(objective, regulariser):
    jacobian = jacobian_of(LOSSES[objective], regulariser)
    for strength, h in ((0.3, 0.2), (1.7, 0.05)):
        exact = numpy.array(jacobian.subs({G: strength, SIGMA: strength})).astype(float)
        game = game_of(objective, regulariser, strength)
        # Double eigenvalues lose half of the digits.
        expected = numpy.sort_complex(numpy.linalg.eigvals(exact))
        numpy.testing.assert_allclose(game_spectrum(game, numpy.zeros(2)), expected, rtol=0, atol=1e-7)
        numpy.testing.assert_allclose(game.jacobian(numpy.zeros(2)), exact, rtol=1e-12, atol=1e-14)
        alone = numpy.eye(2) - h * exact
        in_turn = numpy.array([[1, 0], [0, 0]]) @ alone + numpy.diag([0.0, 1.0])
        in_turn = (numpy.array([[0, 0], [0, 1]]) @ alone + numpy.diag([1.0, 0.0])) @ in_turn
        for rule, matrix in ((SimultaneousGradientDescent(h), alone), (AlternatingGradientDescent(h), in_turn)):
            radius = abs(numpy.linalg.eigvals(matrix)).max()
            assert float(spectral_radius(rule, game, numpy.zeros(2))) == pytest.approx(radius, abs=1e-7)


# Objectives with b'(0) c'(0) < 0; for least squares one of the two is 0, and 0 is no isolated equilibrium.
TURNING = [o for o in LOSSES if not isinstance(o, objectives.LeastSquares)]


@pytest.mark.parametrize("objective", TURNING, ids=repr)
def test_without_regulariser_nothing_converges_linearly(objective):
    k = jacobian_of(LOSSES[objective], "none").det()
    assert k > 0
    # Eigenvalues +- i sqrt(k): the flow turns, simultaneous steps grow by sqrt(1 + h^2 k), alternating ones stay on the
    # unit circle up to h = 2 / sqrt(k).
    game, speed = DiracGAN(objective), float(sympy.sqrt(k))
    numpy.testing.assert_allclose(game_spectrum(game, numpy.zeros(2)), [-1j * speed, 1j * speed], atol=1e-14)
    for h in (0.1, 0.7):
        grown = spectral_radius(SimultaneousGradientDescent(h), game, numpy.zeros(2))
        assert float(grown) == pytest.approx(numpy.sqrt(1 + h * h * speed**2), rel=1e-13)
    for factor, bounded in ((0.99, True), (1.01, False)):
        radius = float(spectral_radius(AlternatingGradientDescent(factor * 2 / speed), game, numpy.zeros(2)))
        assert (abs(radius - 1) < 1e-12) == bounded


def test_thresholds_of_the_step_size_with_a_penalty():
    # Damping q and turning k = 1/4: l^2 - q l + k. Jury on 1 - h l and on the product of the block steps.
    q, h, k = sympy.symbols("q h k", positive=True)
    x = sympy.symbols("x")
    jacobian = sympy.Matrix([[0, -sympy.sqrt(k)], [sympy.sqrt(k), q]])
    first = sympy.Matrix([[1, h * sympy.sqrt(k)], [0, 1]])
    second = sympy.Matrix([[1, 0], [-h * sympy.sqrt(k), 1 - h * q]])
    limits = {}
    for name, matrix in (("simultaneous", sympy.eye(2) - h * jacobian), ("alternating", second * first)):
        p = matrix.charpoly(x).as_expr()
        # All roots inside the circle: p(1) > 0, p(-1) > 0 and det < 1.
        assert sympy.simplify(p.subs(x, 1) - h**2 * k) == 0
        limits[name] = [sympy.simplify(p.subs(x, -1)), sympy.simplify(1 - matrix.det())]
    assert sympy.expand(limits["simultaneous"][1] - h * (q - h * k)) == 0
    assert sympy.expand(limits["simultaneous"][0] - (4 - 2 * h * q + h**2 * k)) == 0
    assert sympy.expand(limits["alternating"][1] - h * q) == 0
    assert sympy.expand(limits["alternating"][0] - (4 - 2 * h * q - h**2 * k)) == 0
    for weight in (0.3, 0.9, 2.5):
        game = Regularized(DiracGAN(), r1=weight)
        ends = {}
        # det < 1 up to h = 4 q, unless p(-1) = 0 comes first, which has roots for q > 1.
        ends[SimultaneousGradientDescent] = 4 * weight if weight < 1 else 4 * (weight - numpy.sqrt(weight**2 - 1))
        ends[AlternatingGradientDescent] = 4 * (numpy.sqrt(weight**2 + 1) - weight)
        for rule, end in ends.items():
            assert float(spectral_radius(rule(0.999 * end), game, numpy.zeros(2))) < 1
            assert float(spectral_radius(rule(1.001 * end), game, numpy.zeros(2))) > 1


def test_norm_penalties_have_no_spectrum_at_0():
    # WGAN-GP and DRAGAN pay (|psi| - g0)^2: the discriminator's slope jumps by twice the target, and 0 is no
    # equilibrium of the limits from either side.
    for options in ({"gradient_penalty": (0.7, 1.0)}, {"dragan": (0.7, 0.2)}):
        game = Regularized(DiracGAN(), **options)
        below, above = game.simultaneous_gradient(numpy.array([[0.0, -1e-12], [0.0, 1e-12]]))[:, 1]
        assert (below, above) == (pytest.approx(0.7, abs=1e-9), pytest.approx(-0.7, abs=1e-9))
