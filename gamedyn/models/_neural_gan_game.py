"""The GAN of two networks on one frozen sample, as a deterministic game with exact derivatives."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import numpy

from gamedyn.backend import Array, array_namespace, device_of, like, real_dtype
from gamedyn.games import GANGame
from gamedyn.models._critic_view import CriticView
from gamedyn.models._frozen_point import FrozenPoint
from gamedyn.models._kept_pass import is_plain
from gamedyn.models._kept_products import KeptProducts
from gamedyn.models._linearisation import Linearisation, Tangent
from gamedyn.models._products_in_place import ProductsInPlace
from gamedyn.models._structured_jacobian import StructuredJacobian
from gamedyn.objectives import Objective

if TYPE_CHECKING:
    from gamedyn.models._neural_gan import NeuralGAN

__all__ = ["NeuralGANGame"]

# Entries of the largest array that a block of Jacobian columns may need: 2 MB in float64, about one core's cache.
_LARGEST_BLOCK = 2**18


@dataclass(frozen=True, eq=False, repr=False)
class NeuralGANGame(GANGame):
    """L_0 = mean c(D(G(e_j))), L_1 = mean a(D(x_i)) + mean b(D(G(e_j))) at fixed real x_i and latent e_j.

    A conditional generator takes its label's one-hot vector after e; the discriminator takes it after x, and packs of
    such rows joined. `real` and `fake` are the samples alone, `real_inputs` and `fake_inputs` what the critic is shown.

    Gradients are hand-written backward passes, second derivatives the tangents of these (forward over reverse), exact
    to rounding; a ReLU network has the derivatives of the smooth piece that it is on. `NeuralGAN.draw` and
    `NeuralGAN.full` make these games.

    Parameters
    ----------
    model : NeuralGAN
        Networks and objective.
    real_samples : array, shape (n, features)
    latent_samples : array, shape (m, latent_dim)
    seed : int or None
        Of `redraw`: the successor is always the same, so that a game is a value. None for the game on all data, which
        returns itself.
    fake_noise : array, shape (m, features), optional
        Added to the fake samples; that of the real ones is part of `real_samples`.
    real_labels, fake_labels : array, shape (n, classes) and (m, classes), optional
        One-hot rows.

    References
    ----------
    Pearlmutter (1994), Fast exact multiplication by the Hessian.
    """

    model: NeuralGAN
    real_samples: Array
    latent_samples: Array
    seed: int | None
    fake_noise: Array | None = None
    real_labels: Array | None = None
    fake_labels: Array | None = None
    dims: tuple[int, ...] = field(init=False)
    objective: Objective = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "dims", self.model.dims)
        object.__setattr__(self, "objective", self.model.objective)

    def __repr__(self) -> str:
        sizes = f"{self.real_samples.shape[0]} real and {self.latent_samples.shape[0]} latent samples"
        return f"<NeuralGANGame of {self.objective!r}, dims={self.dims}, on {sizes}>"

    def real(self, z: Array) -> Array:
        """The frozen real samples, (n, features)."""
        return like(self.real_samples, z)

    def fake(self, z: Array) -> Array:
        """The generator's images of the frozen latent samples, with their noise, (..., m, features)."""
        images = self.model.generator(self._split(z)[0], self._latent(z))
        return images if self.fake_noise is None else images + like(self.fake_noise, z)

    def real_inputs(self, z: Array) -> Array:
        """What the critic is shown of the real samples, (n / packing, packing * (features + classes))."""
        return CriticView(self.model.packing, _alike(self.real_labels, z)).show(self.real(z))

    def fake_inputs(self, z: Array) -> Array:
        """What the critic is shown of the fake samples, (..., m / packing, packing * (features + classes))."""
        return self._view(z).show(self.fake(z))

    @property
    def working_size(self) -> int:
        """Entries of the largest array that derivatives at one point need: samples times units of the widest layer."""
        samples = max(self.real_samples.shape[0], self.latent_samples.shape[0])
        return int(samples * max(self.model.generator.width, self.model.discriminator.width))

    def input_mask(self, z: Array) -> Array | None:
        """Zeros at the critic's inputs that are labels; None without labels."""
        return self._view(z).mask(self.model.generator.output_size, z)

    def critic(self, z: Array, x: Array) -> Array:
        """The discriminator network at x, as it is shown to it, (..., batch)."""
        return self.model.discriminator(self._split(z)[1], x)[..., 0]

    def critic_input_gradient(self, z: Array, x: Array) -> Array:
        """Gradient of the discriminator network in x, (..., batch, its inputs), zero at labels."""
        return self._masked(self.model.discriminator.input_gradient(self._split(z)[1], x), z)

    def penalty_gradient(self, z: Array, x: Array) -> Array:
        """(..., d): with g = grad_x s, the tangent along g of the critic's backward pass, since |g|^2 = D_x s [g]."""
        return 2 * self._pullback(z, x, None)

    def input_gradient_pullback(self, z: Array, x: Array, w: Array) -> Array:
        """(..., d): the tangent along w of the critic's backward pass, since w . grad_x s = D_x s [w]."""
        return self._pullback(z, x, w)

    def simultaneous_gradient(self, z: Array) -> Array:
        """(dL_0 / dtheta, dL_1 / dphi): three backward passes of the discriminator, one of the generator."""
        at = self._at(z)
        return _joined(at.theta_bar(0), at.phi_bar(1))

    def player_gradient(self, z: Array, player: int) -> Array:
        """One player's block; the generator's does not look at real samples."""
        return self._at(z).phi_bar(1) if player == 1 else self._at(z).theta_bar(0)

    def loss_gradients(self, z: Array) -> Array:
        """(..., 2, d), both losses in all parameters."""
        at = self._at(z)
        return array_namespace(z).stack([_joined(at.theta_bar(i), at.phi_bar(i)) for i in (0, 1)], axis=-2)

    def jvp(self, z: Array, v: Array) -> Array:
        """J v, from one tangent."""
        return self._jvp(self._at(z), v)

    def linearize(self, z: Array) -> Callable[[Array], Array]:
        """v -> J v at one z, whose forward and backward passes are made once for all v.

        One NumPy vector at a time runs in arrays that are made once: not for two threads at once.
        """
        at, kept, in_place = self._at(z), cache(lambda: self._kept(z)), self._in_place(z)

        def product(v: Array) -> Array:
            if in_place is not None and v.dtype == z.dtype and v.shape == z.shape:
                return in_place.jvp(v)
            # Mixed precisions and complex directions are rare, and left to the tangents.
            passes = kept() if v.dtype == z.dtype else None
            return self._jvp(at, v) if passes is None else _joined(*passes.jvp(*self._split(v)))

        return product

    def linearize_transposed(self, z: Array) -> Callable[[Array], Array]:
        """u -> J^T u at one z, as `linearize`."""
        kept, in_place = cache(lambda: self._kept(z)), self._in_place(z)

        def product(u: Array) -> Array:
            if in_place is not None and u.dtype == z.dtype and u.shape == z.shape:
                return in_place.vjp(u)
            passes = kept() if u.dtype == z.dtype else None
            return self.vjp(z, u) if passes is None else _joined(*passes.vjp(*self._split(u)))

        return product

    def vjp(self, z: Array, u: Array) -> Array:
        """J^T u = D^2 L_0 (u_0, 0) + D^2 L_1 (0, u_1), since Hessians are symmetric."""
        xp, at = array_namespace(u), self._at(z)
        u_0, u_1 = self._split(u)
        first, second = Tangent(at, u_0, xp.zeros_like(u_1)), Tangent(at, xp.zeros_like(u_0), u_1)
        return _joined(first.theta_bar(0), first.phi_bar(0)) + _joined(second.theta_bar(1), second.phi_bar(1))

    def own_hvp(self, z: Array, v: Array) -> Array:
        """Each player's own Hessian times its own block of v, from two tangents."""
        at = self._at(z)
        return _joined(*(self._own_hvp(at, v_i, i) for i, v_i in enumerate(self._split(v))))

    def jacobian(self, z: Array) -> Array:
        """(..., d, d): by pairs of layers where both networks are plain, else by tangents in blocks of bounded size."""
        structured = self._structured(z)
        if structured is not None:
            return structured.jacobian()
        at = self._at(z)
        return self._columns(z, sum(self.dims), lambda v: self._jvp(at, v))

    def own_hessian(self, z: Array, player: int) -> Array:
        """(..., d_i, d_i), as `jacobian`."""
        structured = self._structured(z)
        if structured is not None:
            return structured.own_hessian(player)
        at = self._at(z)
        return self._columns(z, self.dims[player], lambda v: self._own_hvp(at, v, player))

    def loss_hessians(self, z: Array) -> Array:
        """(..., 2, d, d), exact, as `jacobian`; by d tangents for each loss where a network is not plain."""
        structured = self._structured(z)
        if structured is not None:
            return structured.loss_hessians()
        at = self._at(z)

        def hvp(v: Array, player: int) -> Array:
            tangent = Tangent(at, *self._split(v))
            return _joined(tangent.theta_bar(player), tangent.phi_bar(player))

        hessians = [self._columns(z, sum(self.dims), lambda v, i=i: hvp(v, i)) for i in (0, 1)]  # type: ignore[misc]
        return array_namespace(z).stack(hessians, axis=-3)

    def redraw(self) -> NeuralGANGame:
        """A fresh minibatch of the same model; the game on all data is no sample, and stays."""
        return self if self.seed is None else self.model.draw(self.seed)

    def full(self) -> NeuralGANGame:
        """The game on all data."""
        return self if self.seed is None else self.model.full()

    def _pullback(self, z: Array, x: Array, w: Array | None) -> Array:
        """E over x of w . d(grad_x s), in z; None stands for w = grad_x s."""
        xp, discriminator = array_namespace(z), self.model.discriminator
        discriminator.check_per_sample("a penalty on input gradients")
        theta, phi = self._split(z)
        output, tape = discriminator.forward(phi, like(x, z))
        ones = xp.ones_like(output)
        along = self._masked(discriminator.backward(tape, ones)[1] if w is None else w, z)
        _, tape_dot = discriminator.forward_jvp(tape, xp.zeros_like(phi), along)
        phi_bar_dot, _ = discriminator.backward_jvp(tape, tape_dot, ones, xp.zeros_like(output))
        return _joined(xp.zeros_like(theta), 1 / x.shape[-2] * phi_bar_dot)

    def _split(self, z: Array) -> tuple[Array, Array]:
        if z.shape[-1] != sum(self.dims):
            raise ValueError(
                f"Points of {self!r} must be arrays of shape (..., {sum(self.dims)}), got {tuple(z.shape)}."
            )
        return z[..., : self.dims[0]], z[..., self.dims[0] :]

    def _latent(self, z: Array) -> Array:
        """What the generator takes: latent samples, and their labels."""
        latent = like(self.latent_samples, z)
        if self.fake_labels is None:
            return latent
        return array_namespace(z).concat([latent, like(self.fake_labels, z)], axis=-1)

    def _view(self, z: Array) -> CriticView:
        return CriticView(self.model.packing, _alike(self.fake_labels, z))

    def _masked(self, x_bar: Array, z: Array) -> Array:
        mask = self.input_mask(z)
        return x_bar if mask is None else mask * x_bar

    def _point(self, z: Array) -> FrozenPoint:
        networks = self.model.generator, self.model.discriminator
        samples = self.real_inputs(z), self._latent(z), _alike(self.fake_noise, z), self._view(z)
        return FrozenPoint(*networks, self.objective, *self._split(z), *samples)

    def _at(self, z: Array) -> Linearisation:
        return Linearisation(self._point(z))

    @property
    def _is_plain(self) -> bool:
        """Whether both networks have the layers that `KeptPass` knows."""
        return is_plain(self.model.generator) and is_plain(self.model.discriminator)

    def _kept(self, z: Array) -> KeptProducts | None:
        return KeptProducts(self._point(z)) if self._is_plain else None

    def _in_place(self, z: Array) -> ProductsInPlace | None:
        """None unless z is one real point of NumPy and both networks are plain."""
        one = isinstance(z, numpy.ndarray) and z.ndim == 1 and z.dtype.kind == "f"
        return ProductsInPlace(self._point(z)) if one and self._is_plain else None

    def _structured(self, z: Array) -> StructuredJacobian | None:
        """None where a network is not plain, or the critic is shown packs."""
        return StructuredJacobian(self._point(z)) if self._is_plain and self.model.packing == 1 else None

    def _jvp(self, at: Linearisation, v: Array) -> Array:
        tangent = Tangent(at, *self._split(v))
        return _joined(tangent.theta_bar(0), tangent.phi_bar(1))

    def _own_hvp(self, at: Linearisation, v: Array, player: int) -> Array:
        xp = array_namespace(v)
        still = xp.zeros((*v.shape[:-1], self.dims[1 - player]), dtype=v.dtype, device=device_of(v))
        return Tangent(at, still, v).phi_bar(1) if player == 1 else Tangent(at, v, still).theta_bar(0)

    def _columns(self, z: Array, size: int, product: Callable[[Array], Array]) -> Array:
        """The matrix (..., size, size) of a linear map, from blocks of its columns."""
        xp = array_namespace(z)
        block = max(1, _LARGEST_BLOCK // max(1, self.working_size * math.prod(z.shape[:-1])))
        identity = xp.eye(size, dtype=real_dtype(z), device=device_of(z))
        identity = xp.reshape(identity, (size,) + (1,) * (z.ndim - 1) + (size,))
        starts = range(0, size, block)
        columns = [product(identity[start : min(start + block, size), ...]) for start in starts]
        return xp.moveaxis(xp.concat(columns, axis=0), 0, -1)


def _alike(values: Array | None, z: Array) -> Array | None:
    return None if values is None else like(values, z)


def _joined(theta: Array, phi: Array) -> Array:
    return array_namespace(theta).concat([theta, phi], axis=-1)
