"""What holds for every law on libraries that differentiate and compile: gradients flow, jit works."""

import numpy
import pytest

from gamedyn import distributions
from tests.laws.distribution_oracles import LEVELS, every_law, parameters, probes, rebuilt


def is_traceable(law):
    """Whether log_prob stays on the device: a sample law in the plane looks its atoms up on the host."""
    return not (isinstance(law, distributions.Empirical) and law.event_shape)


@pytest.mark.peers
@every_law
def test_gradients_flow(law):
    import jax
    import torch

    jax.config.update("jax_enable_x64", True)
    if law.is_discrete:
        return
    points = probes(law) if law.event_shape else law.icdf(LEVELS[2:-1].reshape((-1,) + (1,) * len(law.batch_shape)))
    score = law.score(points)
    for there, gradient in (
        (rebuilt(law, lambda value: torch.tensor(numpy.array(value))), torch_gradient),
        (rebuilt(law, jax.numpy.asarray), jax_gradient),
    ):
        at_points = numpy.broadcast_to(points, score.shape)
        # PyTorch gives the kink of |x| the subgradient 0, JAX the slope 1 on its right: leave it out.
        smooth = numpy.abs(score) > 0 if isinstance(law, distributions.Laplace) else numpy.full(score.shape, True)
        result = gradient(there.log_prob, at_points)
        numpy.testing.assert_allclose(result[smooth], score[smooth], rtol=1e-9, atol=1e-12)


def torch_gradient(function, points):
    import torch

    x = torch.tensor(points, requires_grad=True)
    function(x).sum().backward()
    return x.grad.numpy()


def jax_gradient(function, points):
    import jax

    return numpy.asarray(jax.grad(lambda x: jax.numpy.sum(function(x)))(jax.numpy.asarray(points)))


@pytest.mark.peers
@every_law
def test_laws_are_built_and_evaluated_under_jit(law):
    import jax

    jax.config.update("jax_enable_x64", True)
    if isinstance(law, distributions.Empirical):
        return
    x = jax.numpy.asarray(probes(law))

    def unchecked(original, leaves):
        if isinstance(original, distributions.Mixture):
            weights, *rest = leaves
            parts = [unchecked(part, leaf) for part, leaf in zip(original.components, rest, strict=True)]
            return distributions.Mixture(weights, parts, check=False)
        return type(original)(**dict(zip(parameters(original), leaves, strict=True)), check=False)

    def tree(original):
        if isinstance(original, distributions.Mixture):
            return [jax.numpy.asarray(original.weights), *(tree(part) for part in original.components)]
        return [jax.numpy.asarray(getattr(original, name)) for name in parameters(original)]

    result = jax.jit(lambda leaves, x: unchecked(law, leaves).log_prob(x))(tree(law), x)
    numpy.testing.assert_allclose(numpy.asarray(result), law.log_prob(probes(law)), rtol=1e-12, atol=1e-12)


@pytest.mark.peers
@every_law
def test_densities_are_evaluated_under_jit(law):
    import jax

    jax.config.update("jax_enable_x64", True)
    there = rebuilt(law, jax.numpy.asarray)
    x = jax.numpy.asarray(probes(law))
    names = ["log_prob"] if is_traceable(law) else []
    names += ["cdf"] if not law.event_shape and not law.is_discrete else []
    names += [] if law.is_discrete else ["score"]
    for name in names:
        result = numpy.asarray(jax.jit(getattr(there, name))(x))
        numpy.testing.assert_allclose(result, getattr(law, name)(probes(law)), rtol=1e-9, atol=1e-12)
