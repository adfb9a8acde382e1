"""Consensus as a game: the field of the rule, and the Dirac-GAN's field by SymPy."""

import numpy
import pytest
import sympy

from gamedyn.games import ConsensusRegularized, DiracGAN
from gamedyn.objectives import NonSaturating
from gamedyn.updates import Consensus, SimultaneousGradientDescent
from tests.gan_games import PARAMETERS, neural_gan


@pytest.mark.parametrize("game", [DiracGAN(NonSaturating()), neural_gan().full()], ids=repr)
def test_simultaneous_descent_on_it_is_consensus(game):
    z = numpy.asarray(PARAMETERS if game.dims != (1, 1) else [0.3, -0.8])
    ours, _ = SimultaneousGradientDescent(0.1).step(ConsensusRegularized(game, 0.7), z, None)
    rule, _ = Consensus(0.1, gamma=0.7).step(game, z, None)
    numpy.testing.assert_allclose(ours, rule, rtol=1e-14)


def test_the_penalty_is_half_the_squared_norm_of_the_field():
    # A public Dirac-GAN implementation has half of the product rule's second term: right at 0 only.
    theta, psi = sympy.symbols("theta psi", real=True)
    slope = 1 / (1 + sympy.exp(-psi * theta))
    field = sympy.Matrix([-slope * psi, slope * theta])
    penalty = 0.7 * (field.T * field)[0] / 2
    expected = field + sympy.Matrix([penalty.diff(theta), penalty.diff(psi)])
    z = numpy.array([0.9, -1.3])
    values = numpy.ravel(expected.evalf(20, {theta: z[0], psi: z[1]})).astype(float)
    game = ConsensusRegularized(DiracGAN(), 0.7)
    numpy.testing.assert_allclose(game.simultaneous_gradient(z), values, rtol=1e-13)


def test_a_negative_weight_is_refused():
    with pytest.raises(ValueError, match="`gamma` must be non-negative and finite, got -1"):
        ConsensusRegularized(DiracGAN(), -1)
