"""Regularized: a GAN whose discriminator also pays penalties on its input gradient."""

from __future__ import annotations

from typing import Any

from gamedyn._checks import check_nonnegative
from gamedyn.backend import Array, array_namespace, real_dtype
from gamedyn.games._base import Game, StochasticGame, _basis, _complex_step, _move_first_to_last
from gamedyn.games._gan import GANGame
from gamedyn.games._input_penalties import InputPenalty, Interpolated, NormPenalty, Perturbed, SquarePenalty

__all__ = ["Regularized"]


class Regularized(GANGame):
    """L_1 plus penalties on grad_x D for player 1, the discriminator: R1, R2, WGAN-GP's and DRAGAN's, which add up.

    With g(x) = grad_x D(x):

    - r1: (r1 / 2) E |g|^2 over real samples.
    - r2: (r2 / 2) E |g|^2 over fake samples.
    - gradient_penalty = (weight, target): (weight / 2) E (|g| - target)^2 between real and fake samples.
    - dragan = (weight, spread): (weight / 2) E (|g| - 1)^2 around real samples.

    Parameters
    ----------
    game : GANGame
    r1, r2 : float
        Weights gamma, at least 0.
    gradient_penalty : (float, float), optional
        Weight and target, at least 0; the original has weight 20 and target 1.
    dragan : (float, float), optional
        Weight and the standard deviation of the Gaussian perturbations, at least 0.

    Raises
    ------
    TypeError
        If the game is no GANGame: a penalty needs its samples and its critic.
    ValueError
        If a weight, target or spread is negative.

    Notes
    -----
    Of a conditional game grad_x leaves labels out, and of one that joins samples x is a pack.

    The samples of the last two are fixed, so that the game is deterministic: pair i of samples is mixed with the weight
    frac((i + 1/2) / golden ratio), an equidistributed sequence, and the perturbations are always the same draw.

    |g| - target has no derivative at g = 0, where the gradient taken here is 0, and jumps: for target > 0 the field
    has no limit there, and no Jacobian.

    Where a penalty looks at fake samples it depends on the generator too. `vjp` then takes d products with J, and
    `loss_gradients` one evaluation for each of the generator's parameters.

    References
    ----------
    Mescheder, Geiger, Nowozin (2018), Which training methods for GANs do actually converge?
    Gulrajani et al. (2017), Improved training of Wasserstein GANs.
    Kodali et al. (2017), On convergence and stability of GANs.

    Examples
    --------
    R1 moves the eigenvalues of the Dirac-GAN, (1 +- i sqrt(3)) / 4 here, into the right half plane, where small steps
    converge:

    >>> import numpy
    >>> from gamedyn.games import DiracGAN
    >>> numpy.linalg.eigvals(Regularized(DiracGAN(), r1=0.5).jacobian(numpy.zeros(2))).real.round(12).tolist()
    [0.25, 0.25]
    """

    def __init__(
        self,
        game: GANGame,
        *,
        r1: float = 0.0,
        r2: float = 0.0,
        gradient_penalty: tuple[float, float] | None = None,
        dragan: tuple[float, float] | None = None,
    ) -> None:
        if not isinstance(game, GANGame):
            hint = ""
            if isinstance(game, StochasticGame):
                hint = " Wrap its draws with WrappedDraws."
            elif isinstance(getattr(game, "game", None), GANGame):
                hint = " Regularized comes first: put the other wrapper around it."
            raise TypeError(f"`game` must be a GANGame, with samples and a critic, got {type(game).__name__}.{hint}")
        check_nonnegative("r1", r1)
        check_nonnegative("r2", r2)
        self.game = game
        self.r1, self.r2, self.gradient_penalty, self.dragan = r1, r2, gradient_penalty, dragan
        self.dims = game.dims
        self.domain = game.domain
        self.objective = game.objective
        self._penalties = self._chosen()

    def _chosen(self) -> list[InputPenalty]:
        game = self.game
        chosen: list[InputPenalty] = []
        if self.r1:
            chosen.append(SquarePenalty(game, self.r1, game.real_inputs, depends_on_fake=False))
        if self.r2:
            chosen.append(SquarePenalty(game, self.r2, game.fake_inputs, depends_on_fake=True))
        if self.gradient_penalty is not None:
            weight, target = _pair("gradient_penalty", self.gradient_penalty, ("weight", "target"))
            chosen.append(NormPenalty(game, weight, Interpolated(game), depends_on_fake=True, target=target))
        if self.dragan is not None:
            weight, spread = _pair("dragan", self.dragan, ("weight", "spread"))
            chosen.append(NormPenalty(game, weight, Perturbed(game, spread), depends_on_fake=False, target=1.0))
        return chosen

    def __repr__(self) -> str:
        given = {name: getattr(self, name) for name in ("r1", "r2", "gradient_penalty", "dragan")}
        options = ", ".join(f"{name}={value!r}" for name, value in given.items() if value)
        return f"Regularized({self.game!r}, {options or 'r1=0'})"

    def real(self, z: Array) -> Array:
        """The game's."""
        return self.game.real(z)

    def fake(self, z: Array) -> Array:
        """The game's."""
        return self.game.fake(z)

    def real_inputs(self, z: Array) -> Array:
        """The game's."""
        return self.game.real_inputs(z)

    def fake_inputs(self, z: Array) -> Array:
        """The game's."""
        return self.game.fake_inputs(z)

    def input_mask(self, z: Array) -> Array | None:
        """The game's."""
        return self.game.input_mask(z)

    def critic(self, z: Array, x: Array) -> Array:
        """The game's."""
        return self.game.critic(z, x)

    def critic_input_gradient(self, z: Array, x: Array) -> Array:
        """The game's."""
        return self.game.critic_input_gradient(z, x)

    def input_gradient_pullback(self, z: Array, x: Array, w: Array) -> Array:
        """The game's."""
        return self.game.input_gradient_pullback(z, x, w)

    def penalty_gradient(self, z: Array, x: Array) -> Array:
        """The game's."""
        return self.game.penalty_gradient(z, x)

    def penalty_jvp(self, z: Array, x: Array, v: Array) -> Array:
        """The game's."""
        return self.game.penalty_jvp(z, x, v)

    def losses(self, z: Array) -> Array:
        """(L_0, L_1 + penalties)."""
        xp = array_namespace(z)
        losses = self.game.losses(z)
        for each in self._penalties:
            value = each.value(z)[..., None]
            losses = losses + xp.concat([xp.zeros_like(value), value], axis=-1)
        return losses

    def loss_gradients(self, z: Array) -> Array:
        """Row 1 plus the gradients of the penalties."""
        xp = array_namespace(z)
        gradients = self.game.loss_gradients(z)
        for each in self._penalties:
            row = each.gradient(z)
            if each.depends_on_fake:
                row = xp.concat([self._in_generator(each, z), row[..., self.dims[0] :]], axis=-1)
            row = row[..., None, :]
            gradients = gradients + xp.concat([xp.zeros_like(row), row], axis=-2)
        return gradients

    def simultaneous_gradient(self, z: Array) -> Array:
        """xi plus the penalties' gradients in the discriminator's block."""
        return sum((each.gradient(z) for each in self._penalties), self.game.simultaneous_gradient(z))

    def player_gradient(self, z: Array, player: int) -> Array:
        """The generator's is the game's."""
        own = self.game.player_gradient(z, player)
        if player == 0:
            return own
        return sum((each.gradient(z)[..., self.dims[0] :] for each in self._penalties), own)

    def jvp(self, z: Array, v: Array) -> Array:
        """J v plus the derivatives of the penalties' gradients along v."""
        return sum((each.jvp(z, v) for each in self._penalties), self.game.jvp(z, v))

    def vjp(self, z: Array, u: Array) -> Array:
        """J^T u plus the penalties' symmetric Hessians times u; with fake samples, by all columns of J."""
        xp = array_namespace(z)
        total = self.game.vjp(z, u)
        for each in self._penalties:
            if each.depends_on_fake:
                columns = _move_first_to_last(each.jvp(z, _basis(z)))
                total = total + xp.sum(columns * u[..., :, None], axis=-2)
            else:
                total = total + each.jvp(z, u)
        return total

    def own_hvp(self, z: Array, v: Array) -> Array:
        """The penalties' part is the Hessian in the discriminator's block."""
        xp = array_namespace(z)
        total = self.game.own_hvp(z, v)
        alone = xp.concat([xp.zeros_like(v[..., : self.dims[0]]), v[..., self.dims[0] :]], axis=-1)
        return sum((each.jvp(z, alone) for each in self._penalties), total)

    def jacobian(self, z: Array) -> Array:
        """The game's own, however it finds it, plus the derivatives of the penalties' gradients."""
        columns = (_move_first_to_last(each.jvp(z, _basis(z))) for each in self._penalties)
        return sum(columns, self.game.jacobian(z))

    def loss_hessians(self, z: Array) -> Array:
        """Those of the game, and the penalties' in row 1: closed forms, except the generator's by differences."""
        xp = array_namespace(z)
        hessians, n = self.game.loss_hessians(z), self.dims[0]
        for each in self._penalties:
            lower = _move_first_to_last(each.jvp(z, _basis(z)))[..., n:, :]
            corner = xp.zeros_like(z[..., :n, None] * z[..., None, :n])
            if each.depends_on_fake:
                # The cube root of the unit roundoff balances the errors of truncation and of rounding.
                h = 6e-6 if real_dtype(z) == xp.float64 else 5e-3
                steps = _basis(z)[:n, ...]
                ends = [self._in_generator(each, z + sign * steps) for sign in (h, -h)]
                corner = _move_first_to_last((ends[0] - ends[1]) / (2 * h))
            upper = xp.concat([corner, xp.matrix_transpose(lower[..., :n])], axis=-1)
            hessian = xp.concat([upper, lower], axis=-2)[..., None, :, :]
            hessians = hessians + xp.concat([xp.zeros_like(hessian), hessian], axis=-3)
        return hessians

    def redraw(self) -> Game:
        """On a fresh sample of the game."""
        return self._around(self.game.redraw())

    def full(self) -> Game:
        """On all data of the game."""
        return self._around(self.game.full())

    def _in_generator(self, penalty: InputPenalty, z: Array) -> Array:
        """(..., d_0): the penalty's gradient in the generator, through its samples."""
        steps = _basis(z)[: self.dims[0], ...]
        return _move_first_to_last(_complex_step(penalty.value, z, steps))

    def _around(self, game: Any) -> Game:
        if game is self.game:
            return self
        return Regularized(game, r1=self.r1, r2=self.r2, gradient_penalty=self.gradient_penalty, dragan=self.dragan)


def _pair(name: str, value: Any, parts: tuple[str, str]) -> tuple[float, float]:
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise TypeError(f"`{name}` must be a pair ({parts[0]}, {parts[1]}), got {value!r}.")
    for part, number in zip(parts, value, strict=True):
        check_nonnegative(f"{name}: {part}", number)
    return value[0], value[1]
