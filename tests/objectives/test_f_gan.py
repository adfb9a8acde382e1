"""f-GANs: known special cases, the alternative generator loss, and what is refused."""

import numpy
import pytest
import sympy

from gamedyn import divergences
from gamedyn.objectives import FGAN, Minimax, NonSaturating
from tests.cases import OBJECTIVES

S = numpy.linspace(-30, 30, 41)


@pytest.mark.parametrize(("saturating", "objective"), [(True, Minimax()), (False, NonSaturating())])
def test_goodfellows_divergence_gives_the_original_gan(saturating, objective):
    ours = FGAN(divergences.GANDivergence(), saturating)
    for name in ("generator_loss", "generator_derivative", "generator_second_derivative"):
        numpy.testing.assert_allclose(getattr(ours, name)(S), getattr(objective, name)(S), rtol=1e-14)
    for name in ("discriminator_loss", "discriminator_derivative", "discriminator_second_derivative"):
        for a, b in zip(getattr(ours, name)(S, S), getattr(objective, name)(S, S), strict=True):
            numpy.testing.assert_allclose(a, b, rtol=1e-14)


@pytest.mark.parametrize(
    ("divergence", "generator"),
    [
        (divergences.KullbackLeibler(), "u*log(u)"),
        (divergences.ReverseKullbackLeibler(), "-log(u)"),
        (divergences.Pearson(), "(u-1)**2"),
        (divergences.Neyman(), "(1-u)**2/u"),
        (divergences.SquaredHellinger(), "(sqrt(u)-1)**2/2"),
        (divergences.Jeffreys(), "(u-1)*log(u)"),
        (divergences.LeCam(), "(u-1)**2/(u+1)"),
    ],
    ids=repr,
)
def test_losses_are_those_of_the_generators(divergence, generator):
    # T = f'(u) and f*(T) = u f'(u) - f(u) at u = e^s, by SymPy from the textbook generator.
    u = sympy.symbols("u", positive=True)
    f = eval(generator, {"u": u, "log": sympy.log, "sqrt": sympy.sqrt})
    critic, conjugate = f.diff(u), u * f.diff(u) - f
    s = numpy.array([-2.0, 0.25, 1.5])
    real, fake = FGAN(divergence).discriminator_loss(s, s)
    at = [sympy.exp(sympy.Float(x, 30)) for x in s]
    # Divergences may shift f by c (u - 1), which shifts both terms by the same constant.
    shift = float(-real[0] - critic.subs(u, at[0]))
    numpy.testing.assert_allclose(-real - shift, [float(critic.subs(u, x)) for x in at], rtol=1e-13)
    numpy.testing.assert_allclose(fake - shift, [float(conjugate.subs(u, x)) for x in at], rtol=1e-13)


def test_the_alternative_of_kl_minimises_the_reverse_kl():
    p, q = numpy.array([0.2, 0.8]), numpy.array([0.6, 0.4])
    expected = 0.6 * numpy.log(3.0) - 0.4 * numpy.log(2.0)
    assert float(FGAN(divergences.KullbackLeibler(), False).divergence(p, q)) == pytest.approx(expected, rel=1e-14)


def test_the_alternative_keeps_a_slope_where_samples_are_rejected():
    kl = divergences.KullbackLeibler()
    assert float(FGAN(kl, False).generator_derivative(-50.0)) == -1.0
    assert abs(float(FGAN(kl).generator_derivative(-50.0))) < 1e-20


def test_what_is_refused():
    with pytest.raises(TypeError, match="`f` must be an FDivergence, got 'kl'"):
        FGAN("kl")
    with pytest.raises(TypeError, match="Call it to make one"):
        FGAN(divergences.Pearson)
    with pytest.raises(ValueError, match="Take Hinge"):
        FGAN(divergences.TotalVariation())
    with pytest.raises(ValueError, match="with known derivatives, got GeneratedDivergence"):
        FGAN(divergences.GeneratedDivergence(lambda u: (u - 1) ** 2 / (u + 1), slope_at_infinity=1.0))


@pytest.mark.parametrize("objective", OBJECTIVES, ids=repr)
def test_infinite_logits_have_limits(objective):
    # Where a density vanishes the best logit is infinite; T = log u + 1 of KL has the slope 1 in the logit there, too.
    with numpy.errstate(all="raise"):
        for s in (numpy.array(-numpy.inf), numpy.array(numpy.inf)):
            values = [
                *objective.discriminator_loss(s, s),
                *objective.discriminator_derivative(s, s),
                *objective.discriminator_second_derivative(s, s),
                objective.generator_loss(s),
                objective.generator_derivative(s),
                objective.generator_second_derivative(s),
            ]
            assert not numpy.any(numpy.isnan(values))
            if repr(objective) == "FGAN(f=KullbackLeibler(), saturating=True)":
                assert values[2] == -1.0
