"""The penalty on the norm of a critic's input gradient, one norm for each sample, by exact double backprop."""

from __future__ import annotations

from dataclasses import dataclass

from gamedyn._checks import check_nonnegative, describe
from gamedyn.backend import Array, array_namespace, like
from gamedyn.nn._network import Network
from gamedyn.numerics import analytic_norm

__all__ = ["GradientPenalty", "gradient_penalty"]

# So small that its square vanishes against 1, in float32 and float64 alike.
_H = 1e-20


@dataclass(frozen=True, eq=False)
class GradientPenalty:
    """p = mean_i (|g_i| - target)^2 with g_i = grad_x D(theta, x_i), its gradients and Hessian products.

    Parameters
    ----------
    network : Network
        D.
    theta : array, shape (..., P)
    x : array, shape (..., batch, input_size)
    target : float
    norms : array, shape (..., batch)
        |g_i|.
    value : array, shape (...)
        p.
    theta_gradient : array, shape (..., P)
    x_gradient : array, shape (..., batch, input_size)
    """

    network: Network
    theta: Array
    x: Array
    target: float
    norms: Array
    value: Array
    theta_gradient: Array
    x_gradient: Array

    def __str__(self) -> str:
        xp = array_namespace(self.norms)
        norms = f"norms from {float(xp.min(self.norms)):.4g} to {float(xp.max(self.norms)):.4g}"
        return f"gradient penalty {self.value} to target {self.target:g}, {self.norms.shape[-1]} samples, {norms}"

    def hessian_product(self, v: Array) -> Array:
        """H v (..., P), H the Hessian in theta: the complex step of `theta_gradient`, exact to rounding.

        Parameters
        ----------
        v : array, shape (..., P)
            May have extra leading axes, one direction each.

        Raises
        ------
        ValueError
            At complex theta or x, which complex step cannot leave again.
        """
        xp = array_namespace(self.theta, v)
        if xp.isdtype(self.theta.dtype, "complex floating"):
            raise ValueError("`hessian_product` needs real theta and x, got complex ones: it is a complex step itself.")
        moved = self.theta + like(1j * _H, self.theta) * v
        return xp.imag(gradient_penalty(self.network, moved, self.x, target=self.target).theta_gradient) / _H


def gradient_penalty(network: Network, theta: Array, x: Array, *, target: float = 1.0) -> GradientPenalty:
    """mean over samples of (|grad_x D(theta, x_i)| - target)^2, with one norm for each sample.

    Target 1 at points between real and fake samples is WGAN-GP's; target 0 at real samples R1, at fake ones R2, up to a
    factor of one half.

    Parameters
    ----------
    network : Network
        D, of one output, that sees one sample at a time.
    theta : array, shape (..., P)
    x : array, shape (..., batch, input_size)
    target : float
        At least 0.

    Returns
    -------
    GradientPenalty
        With value, gradients in theta and x, and products with the Hessian in theta.

    Raises
    ------
    TypeError
        If `network` is none, or `target` no single number.
    ValueError
        If there is no sample, or the network has other than one output, or a layer that mixes the batch, such as batch
        normalisation: the message names it.

    Notes
    -----
    With w_i = 2 (1 - target / |g_i|) g_i / batch held fixed, the gradient of p is that of sum_i w_i . g_i, which is the
    tangent of the backward pass along x_dot = w: one pass over the network forward, one back, and their tangents.

    For target > 0, p has a kink at |g_i| = 0, where that sample counts with gradient 0. Networks with kinks, such as
    ReLU's, have input gradients that jump where a sample crosses one, and p jumps too; all derivatives are those of the
    smooth piece.

    References
    ----------
    Gulrajani, Ahmed, Arjovsky, Dumoulin and Courville (2017), Improved training of Wasserstein GANs. Mescheder, Geiger
    and Nowozin (2018), Which training methods for GANs do actually converge? Drucker and Le Cun (1992), Improving
    generalization performance using double backpropagation.

    Examples
    --------
    For D(x) = 3 x_1 + 4 x_2 every norm is 5:

    >>> import numpy
    >>> from gamedyn.nn import Dense
    >>> critic = Network((Dense(2, 1),), input_size=2)
    >>> penalty = gradient_penalty(critic, numpy.array([3.0, 4.0, 0.0]), numpy.ones((7, 2)))
    >>> float(penalty.value), [round(g, 12) for g in penalty.theta_gradient.tolist()]  # 2 (5 - 1) (3, 4) / 5
    (16.0, [4.8, 6.4, 0.0])
    """
    check_nonnegative("target", target)
    if getattr(target, "shape", ()) != ():
        raise TypeError(f"`target` must be one number for all samples, got {describe(target)}.")
    if not isinstance(network, Network):
        raise TypeError(f"`network` must be a Network, got {network!r} of type {type(network).__name__}.")
    network.check_per_sample("`gradient_penalty`")
    if network.output_size != 1:
        raise ValueError(f"`gradient_penalty` needs a network of one output, got {network.output_size}.")
    xp, theta, x = network.check_inputs(theta, x)
    if x.shape[-2] == 0:
        raise ValueError(f"`x` must hold one sample at least, got shape {tuple(x.shape)}.")
    y, tape = network.forward(theta, x)
    ones, still = xp.ones_like(y), xp.zeros_like(y)
    g = network.backward(tape, ones)[1]
    norms, positive = analytic_norm(g)
    factor = xp.where(positive, 1 - target / xp.where(positive, norms, xp.ones_like(norms)), xp.zeros_like(norms))
    w = 2 / x.shape[-2] * factor[..., None] * g
    _, tape_dot = network.forward_jvp(tape, xp.zeros_like(theta), w)
    gradients = network.backward_jvp(tape, tape_dot, ones, still)
    value = xp.sum((norms - target) ** 2, axis=-1) / x.shape[-2]
    return GradientPenalty(network, theta, x, target, norms, value, *gradients)
