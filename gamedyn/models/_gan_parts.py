"""What the words and numbers of a GAN's parameters stand for: its objective, networks, penalty and rule."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from gamedyn._checks import check_choice, check_integer, check_positive
from gamedyn.divergences import (
    FDivergence,
    GANDivergence,
    Jeffreys,
    JensenShannon,
    KullbackLeibler,
    LeCam,
    Neyman,
    Pearson,
    ReverseKullbackLeibler,
    SquaredHellinger,
)
from gamedyn.games import Game, Regularized, StochasticGame, Unrolled, WrappedDraws
from gamedyn.nn import Layer, LeakyReLU, Network, ReLU, Sigmoid, SiLU, Softplus, SpectralNormalization, Tanh, mlp
from gamedyn.objectives import FGAN, Hinge, LeastSquares, Minimax, NonSaturating, Objective, Wasserstein
from gamedyn.updates import Adam, AlternatingGradientDescent, InnerSteps, UpdateRule

__all__ = ["PENALTIES", "Shapes", "networks_of", "objective_of", "rule_of", "wrapped_draws", "wrapping_of"]

_OBJECTIVES: dict[str, Callable[[], Objective]] = {
    "minimax": Minimax,
    "non-saturating": NonSaturating,
    "least-squares": LeastSquares,
    "hinge": Hinge,
    "wasserstein": Wasserstein,
}
_DIVERGENCES: dict[str, Callable[[], FDivergence]] = {
    "gan": GANDivergence,
    "kullback-leibler": KullbackLeibler,
    "reverse-kullback-leibler": ReverseKullbackLeibler,
    "jeffreys": Jeffreys,
    "jensen-shannon": JensenShannon,
    "squared-hellinger": SquaredHellinger,
    "pearson": Pearson,
    "neyman": Neyman,
    "le-cam": LeCam,
}
_ACTIVATIONS: dict[str, Callable[[], Layer]] = {
    "leaky-relu": LeakyReLU,
    "relu": ReLU,
    "sigmoid": Sigmoid,
    "silu": SiLU,
    "softplus": Softplus,
    "tanh": Tanh,
}

PENALTIES: dict[str, float | None] = {
    "r1": 1.0,
    "r2": 1.0,
    "gradient-penalty": 20.0,
    "dragan": 20.0,
    "clip": 0.01,
    "spectral": None,
}
"""Name -> the weight where none is given; of "clip" the bound."""


class Shapes(NamedTuple):
    """Sizes that the data decide."""

    features: int
    frequencies: tuple[float, ...]
    """Shares of the classes, in their order; empty without labels."""
    spread: float
    """The standard deviation of all entries of the data."""
    symbols: int = 0
    """How many different symbols there may be, of rows of such; 0 of other rows."""

    @property
    def classes(self) -> int:
        """The number of classes, 0 without labels."""
        return len(self.frequencies)


def objective_of(given: Any) -> Objective:
    """An objective, given itself or by its name, or an f-GAN by its divergence or the name of that."""
    if isinstance(given, Objective):
        return given
    if isinstance(given, FDivergence):
        return FGAN(given)
    check_choice("objective", given, [*_OBJECTIVES, *_DIVERGENCES])
    return _OBJECTIVES[given]() if given in _OBJECTIVES else FGAN(_DIVERGENCES[given]())


def networks_of(parameters: dict[str, Any], shapes: Shapes) -> tuple[Network, Network]:
    """Generator and discriminator, given themselves or by the sizes of their hidden layers.

    Parameters
    ----------
    parameters : dict
        Of the GAN.
    shapes : Shapes
    """
    activation = parameters["activation"]
    if not isinstance(activation, Layer):
        check_choice("activation", activation, _ACTIVATIONS)
        activation = _ACTIVATIONS[activation]()
    latent, packing = parameters["latent_dim"], parameters["packing"]
    check_integer("latent_dim", latent, minimum=1)
    check_integer("packing", packing, minimum=1)
    shown = packing * (shapes.features + shapes.classes)
    generator = _network("generator", parameters["generator"], latent + shapes.classes, shapes.features, activation)
    discriminator = _network("discriminator", parameters["discriminator"], shown, 1, activation)
    if parameters["penalty"] == "spectral":
        discriminator = Network(tuple(map(_normalized, discriminator.layers)), discriminator.input_size)
    return generator, discriminator


def _normalized(layer: Layer) -> Layer:
    """The layer with a weight of spectral norm 1, where it has one."""
    has_weight = "weight" in layer.parameter_shapes and not isinstance(layer, SpectralNormalization)
    return SpectralNormalization(layer) if has_weight else layer


def _network(name: str, given: Any, inputs: int, outputs: int, activation: Layer) -> Network:
    if isinstance(given, Network):
        return given
    hidden = (given,) if isinstance(given, int) and not isinstance(given, bool) else given
    if not isinstance(hidden, (tuple, list)):
        raise TypeError(f"`{name}` must be a Network or the sizes of hidden layers, got {given!r}.")
    for size in hidden:
        check_integer(name, size, minimum=1)
    return mlp((inputs, *hidden, outputs), activation)


def wrapping_of(parameters: dict[str, Any], spread: float) -> tuple[Callable[[Any], Any], float | None]:
    """wrap(game) -> the game as it is trained, and the bound of the discriminator's parameters or None.

    Parameters
    ----------
    parameters : dict
        Of the GAN.
    spread : float
        Of the data.
    """
    penalize, bound = _penalty_of(parameters["penalty"], parameters["penalty_weight"], spread)
    steps, step_size = parameters["unrolled_steps"], parameters["unrolled_step_size"]
    check_integer("unrolled_steps", steps, minimum=0)
    if not steps:
        return penalize, bound
    check_positive("unrolled_step_size", step_size)
    return partial(_unrolled, penalize=penalize, steps=steps, step_size=step_size), bound


def wrapped_draws(model: StochasticGame, wrap: Callable[[Any], Any]) -> StochasticGame:
    """The game whose draws are wrapped; the model itself where `wrap` changes nothing, so that plans know its draws.

    Parameters
    ----------
    model : StochasticGame
    wrap : callable
        Of `wrapping_of`.
    """
    return model if wrap is _unchanged else WrappedDraws(model, wrap)


def _unrolled(game: Any, penalize: Callable[[Any], Any], **options: Any) -> Game:
    return Unrolled(penalize(game), **options)


def _penalty_of(penalty: Any, weight: Any, spread: float) -> tuple[Callable[[Any], Any], float | None]:
    check_choice("penalty", penalty, [None, *PENALTIES])
    if penalty in (None, "spectral"):
        return _unchanged, None
    weight = PENALTIES[penalty] if weight is None else weight
    check_positive("penalty_weight", weight)
    if penalty == "clip":
        return _unchanged, float(weight)
    options: dict[str, Any] = {
        "r1": {"r1": weight},
        "r2": {"r2": weight},
        "gradient-penalty": {"gradient_penalty": (weight, 1.0)},
        "dragan": {"dragan": (weight, 0.5 * spread)},
    }[penalty]
    # No lambda, so that a fitted GAN can be pickled.
    return partial(Regularized, **options), None


def _unchanged(game: Any) -> Any:
    return game


def rule_of(given: Any, discriminator_steps: Any) -> UpdateRule:
    """The rule, and so many steps of the discriminator for one of the generator.

    Parameters
    ----------
    given : UpdateRule or None
        None is Adam with the settings that GANs are often trained with.
    discriminator_steps : int
    """
    rule = Adam(0.001, first_decay=0.5, schedule="alternating") if given is None else given
    if not isinstance(rule, UpdateRule):
        hint = " Call it with its step size to make one." if isinstance(rule, type) else ""
        raise TypeError(f"`rule` must be an UpdateRule, got {rule!r}.{hint}")
    check_integer("discriminator_steps", discriminator_steps, minimum=1)
    if discriminator_steps == 1:
        return rule
    if isinstance(rule, AlternatingGradientDescent):
        return dataclasses.replace(rule, inner_steps=(1, discriminator_steps))
    return InnerSteps(rule, (1, discriminator_steps))
