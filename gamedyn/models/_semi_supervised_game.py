"""The semi-supervised GAN on one frozen sample: the discriminator also names the classes of labelled rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gamedyn.backend import Array, array_namespace, like
from gamedyn.models._neural_gan_game import NeuralGANGame
from gamedyn.nn import LogSumExp

if TYPE_CHECKING:
    from gamedyn.models._semi_supervised_gan import SemiSupervisedGAN

__all__ = ["SemiSupervisedGame"]

_TOTAL = LogSumExp()


@dataclass(frozen=True, eq=False, repr=False)
class SemiSupervisedGame(NeuralGANGame):
    """L_1 plus weight times mean -log softmax(l(x_j))_y_j over labelled rows, l the K logits; L_0 is the GAN's.

    The critic's output is log sum e^l. The term is the discriminator's alone: its gradient and its Hessian live in
    phi. `SemiSupervisedGAN.draw` and `SemiSupervisedGAN.full` make these games.

    Parameters
    ----------
    semi : SemiSupervisedGAN
        Weight and classifier.
    labelled_samples : array, shape (m, features)
    labelled_classes : array, shape (m, K)
        One-hot rows.
    """

    semi: SemiSupervisedGAN = field(kw_only=True)
    labelled_samples: Array = field(kw_only=True)
    labelled_classes: Array = field(kw_only=True)

    def __repr__(self) -> str:
        return f"{super().__repr__()[:-1]}, and {self.labelled_samples.shape[0]} labelled>"

    def losses(self, z: Array) -> Array:
        """The GAN's, and the weighted cross entropy in the discriminator's."""
        xp, logits = array_namespace(z), self._logits(z)[0]
        own = xp.sum(logits * like(self.labelled_classes, z), axis=-1)
        entropy = self.semi.weight * xp.mean(_TOTAL.forward((), logits)[0][..., 0] - own, axis=-1)
        losses = super().losses(z)
        return xp.stack([losses[..., 0], losses[..., 1] + entropy], axis=-1)

    def simultaneous_gradient(self, z: Array) -> Array:
        """Xi plus the term's gradient in the discriminator's block."""
        return self._plus(super().simultaneous_gradient(z), self._gradient(z))

    def player_gradient(self, z: Array, player: int) -> Array:
        """The generator's is the GAN's."""
        own = super().player_gradient(z, player)
        return own + self._gradient(z) if player == 1 else own

    def loss_gradients(self, z: Array) -> Array:
        """Row 1 plus the term's gradient."""
        xp, rows = array_namespace(z), super().loss_gradients(z)
        return xp.stack([rows[..., 0, :], self._plus(rows[..., 1, :], self._gradient(z))], axis=-2)

    def jvp(self, z: Array, v: Array) -> Array:
        """J v plus the term's Hessian times the discriminator's block of v."""
        return self._plus(super().jvp(z, v), self._hvp(z, v[..., self.dims[0] :]))

    def vjp(self, z: Array, u: Array) -> Array:
        """J^T u plus the same: it is symmetric."""
        return self._plus(super().vjp(z, u), self._hvp(z, u[..., self.dims[0] :]))

    def own_hvp(self, z: Array, v: Array) -> Array:
        """Own Hessians times own blocks, the term's among them."""
        return self._plus(super().own_hvp(z, v), self._hvp(z, v[..., self.dims[0] :]))

    def linearize(self, z: Array) -> Callable[[Array], Array]:
        """v -> J v."""
        return lambda v: self.jvp(z, v)

    def linearize_transposed(self, z: Array) -> Callable[[Array], Array]:
        """u -> J^T u."""
        return lambda u: self.vjp(z, u)

    def jacobian(self, z: Array) -> Array:
        """(..., d, d), by tangents in blocks of bounded size."""
        return self._columns(z, sum(self.dims), lambda v: self.jvp(z, v))

    def own_hessian(self, z: Array, player: int) -> Array:
        """(..., d_i, d_i), the term's Hessian in the discriminator's."""
        hessian = super().own_hessian(z, player)
        return hessian + self._columns(z, self.dims[1], lambda v: self._hvp(z, v)) if player == 1 else hessian

    def loss_hessians(self, z: Array) -> Array:
        """(..., 2, d, d), the term's Hessian in the corner of the second."""
        xp, hessians = array_namespace(z), super().loss_hessians(z)
        d = sum(self.dims)
        term = self._columns(z, d, lambda v: self._plus(xp.zeros_like(z + v), self._hvp(z, v[..., self.dims[0] :])))
        return xp.stack([hessians[..., 0, :, :], hessians[..., 1, :, :] + term], axis=-3)

    def redraw(self) -> NeuralGANGame:
        """A fresh minibatch of the same model; the game on all data stays."""
        return self if self.seed is None else self.semi.draw(self.seed)

    def full(self) -> NeuralGANGame:
        """The game on all data."""
        return self if self.seed is None else self.semi.full()

    def _logits(self, z: Array) -> tuple[Array, Any]:
        """(..., m, K) at the labelled rows, and the classifier's tape."""
        return self.semi.classifier.forward(z[..., self.dims[0] :], like(self.labelled_samples, z))

    def _gradient(self, z: Array) -> Array:
        """(..., P_1): backward from (softmax - one-hot) / m."""
        logits, tape = self._logits(z)
        return self.semi.classifier.backward(tape, self._cotangent(_TOTAL.forward((), logits)[1], z))[0]

    def _hvp(self, z: Array, phi_dot: Array) -> Array:
        """(..., P_1): the tangent of `_gradient`."""
        classifier, samples = self.semi.classifier, like(self.labelled_samples, z)
        logits, tape = self._logits(z)
        shares = _TOTAL.forward((), logits)[1]
        logits_dot, tape_dot = classifier.forward_jvp(tape, phi_dot, array_namespace(z).zeros_like(samples))
        shares_dot = _TOTAL.jvp((), shares, logits_dot, ())[1]
        return classifier.backward_jvp(tape, tape_dot, self._cotangent(shares, z), self._scale * shares_dot)[0]

    def _cotangent(self, shares: Array, z: Array) -> Array:
        return self._scale * (shares - like(self.labelled_classes, z))

    @property
    def _scale(self) -> float:
        return float(self.semi.weight / self.labelled_samples.shape[0])

    def _plus(self, values: Array, phi: Array) -> Array:
        """Values (..., d) with phi (..., P_1) added to the discriminator's block."""
        n = self.dims[0]
        return array_namespace(values).concat([values[..., :n], values[..., n:] + phi], axis=-1)
