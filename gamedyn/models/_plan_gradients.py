"""Both players' gradients on a part of a batch, as calls on kept buffers."""

from __future__ import annotations

import numpy

from gamedyn.models._neural_gan import NeuralGAN
from gamedyn.models._plan_buffers import Tape, aligned
from gamedyn.models._plan_draws import Batch
from gamedyn.models._plan_network import PlannedNetwork, is_piecewise_linear
from gamedyn.models._plan_objectives import add_discriminator_cotangent, add_generator_cotangent
from gamedyn.models._plan_penalty import Layout, Penalty, add_penalised_gradient, add_samples
from gamedyn.objectives import Wasserstein

__all__ = ["PlannedGradients"]


class PlannedGradients:
    """Gradients on c real and c fake samples of a batch: the part's share of the mean over the whole batch.

    Parameters
    ----------
    model : NeuralGAN
    theta, phi : array, shape (..., d_0) and (..., d_1)
        The point, read whenever the calls are made; leading axes are an ensemble's, and all else has them, too.
    c : int
    scale : float
        Of all gradients.
    penalty : Penalty, optional
    simultaneous : bool
        Whether `add_both` is wanted.
    """

    def __init__(
        self,
        model: NeuralGAN,
        theta: numpy.ndarray,
        phi: numpy.ndarray,
        c: int,
        scale: float,
        penalty: Penalty | None,
        simultaneous: bool,
    ) -> None:
        self.objective, self.penalty, self.total = model.objective, penalty, model.batch_size
        self.scale = scale / self.total
        shape, dtype = theta.shape[:-1], theta.dtype
        self.layout = Layout.of(c, penalty is not None, not is_piecewise_linear(model.discriminator))
        rows, keeps = self.layout.rows, penalty is not None or simultaneous
        self.critic = PlannedNetwork(model.discriminator, phi, rows, keeps, group=c)
        self.packing, self.features, self.classes = model.packing, model.generator.output_size, model.classes
        self.generator = PlannedNetwork(model.generator, theta, c * self.packing, keeps=False, group=c * self.packing)
        self.s, self.d = numpy.zeros((*shape, rows, 1), dtype), numpy.ones((*shape, rows, 1), dtype)
        if self.layout.hat != self.layout.tangent:
            self.d[..., self.layout.hat, :] = 0
            for h in self.critic.h:
                h[..., self.layout.tangent, -1] = 0
        self.d_generator = numpy.zeros((*shape, c, 1), dtype)
        self.fake_bar = aligned((*shape, c, self.critic.sizes[0][0]), dtype)
        # What the generator makes, and its cotangent: in packs they are no matrices within the critic's rows.
        size = (*shape, c * self.packing, self.features)
        self.images = aligned(size, dtype) if self.packing > 1 else None
        one = numpy.asarray([1] * self.features + [0] * self.classes, dtype)
        self.mask = numpy.tile(one, self.packing) if self.classes else None
        # Slopes of a critic's losses are known without its outputs.
        self.needs_outputs = type(self.objective) is not Wasserstein

    @property
    def real(self) -> numpy.ndarray:
        """The critic's inputs (..., c, features) that are real samples."""
        return self.critic.h[0][..., self.layout.real, :-1]

    def add_generator(self, tape: Tape, batch: Batch, part: slice, gradient: list[numpy.ndarray]) -> None:
        """gradient <- the generator's."""
        self._add_fakes(tape, batch, part)
        fake = self.layout.fake
        self.critic.forward(tape, fake, self.s[..., fake, :] if self.needs_outputs else None)
        self._add_generator_backward(tape, batch, part, gradient, slopes_are_kept=False)

    def add_discriminator(self, tape: Tape, batch: Batch, part: slice, gradient: list[numpy.ndarray]) -> None:
        """gradient <- the discriminator's."""
        layout, samples = self.layout, self.layout.samples
        if not numpy.shares_memory(batch.real, self.real):
            tape.append((numpy.copyto, (self.real, batch.real[..., part, :])))
        self._add_fakes(tape, batch, part)
        if self.penalty is not None:
            tape.extend((h[..., layout.hat, -1].fill, (1.0,)) for h in self.critic.h if layout.hat == layout.tangent)
            add_samples(tape, self.penalty, self.critic, layout, part, self.total, self.mask)
        self.critic.forward(tape, layout.forward, self.s[..., layout.forward, :] if self.needs_outputs else None)
        add_discriminator_cotangent(tape, self.objective, self.s[..., samples, :], self.d[..., samples, :], self.scale)
        if self.penalty is None:
            self.critic.backward(tape, samples, self.d, gradient)
        else:
            factor = self.penalty.weight * self.scale
            add_penalised_gradient(tape, self.critic, layout, self.penalty, factor, self.d, gradient, self.mask)

    def add_both(
        self,
        tape: Tape,
        batch: Batch,
        part: slice,
        gradient: list[numpy.ndarray],
        critic_gradient: list[numpy.ndarray],
    ) -> None:
        """Both players' at one point, with one forward pass."""
        self.add_discriminator(tape, batch, part, critic_gradient)
        self._add_generator_backward(tape, batch, part, gradient, slopes_are_kept=True)

    def _add_fakes(self, tape: Tape, batch: Batch, part: slice) -> None:
        """Fake samples into the critic's inputs, with the labels of the real ones."""
        fakes, features, samples = (
            self._packed(self.critic.h[0][..., self.layout.fake, :-1]),
            self.features,
            self._samples(part),
        )
        images = fakes[..., 0, :features] if self.images is None else self.images
        self.generator.forward(tape, slice(0, images.shape[-2]), images, batch.latent_with_ones[..., samples, :])
        if batch.noise is not None:
            tape.append((numpy.add, (images, batch.noise[..., samples, :], images)))
        if self.images is not None:
            tape.append((numpy.copyto, (fakes[..., :features], images.reshape(*fakes.shape[:-1], features))))
        if self.classes:
            labels = self._packed(batch.real[..., part, :])[..., features:]
            tape.append((numpy.copyto, (fakes[..., features:], labels)))

    def _add_generator_backward(
        self, tape: Tape, batch: Batch, part: slice, gradient: list[numpy.ndarray], slopes_are_kept: bool
    ) -> None:
        fake, bars, features = self.layout.fake, self._packed(self.fake_bar), self.features
        add_generator_cotangent(tape, self.objective, self.s[..., fake, :], self.d_generator, self.scale)
        self.critic.backward(tape, fake, self.d_generator, None, x_bar=self.fake_bar, slopes_are_kept=slopes_are_kept)
        images = bars[..., 0, :features] if self.images is None else self.images
        if self.images is not None:
            tape.append((numpy.copyto, (images.reshape(*bars.shape[:-1], features), bars[..., :features])))
        latent = batch.latent_with_ones[..., self._samples(part), :]
        self.generator.backward(tape, slice(0, images.shape[-2]), images, gradient, x=latent)

    def _packed(self, rows: numpy.ndarray) -> numpy.ndarray:
        """What a critic takes as (..., packs, packing, features + classes), a view."""
        return rows.reshape(*rows.shape[:-1], self.packing, self.features + self.classes)

    def _samples(self, part: slice) -> slice:
        """The samples of a part of the packs."""
        return slice(self.packing * part.start, self.packing * part.stop)
