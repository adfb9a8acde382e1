"""What plans take a network for: weights, then a normalisation perhaps, then an activation, and weights again."""

from __future__ import annotations

from typing import NamedTuple

from gamedyn.models._plan_activations import planned_activation
from gamedyn.models._plan_tied import is_tied
from gamedyn.nn import BatchNormalization, Dense, Layer, Maxout, Network, Reshape

__all__ = ["Stage", "stages_of"]


class Stage(NamedTuple):
    """Weights, and what comes before the next ones."""

    weights: Layer
    """Of a dense layer, or of a convolution that `is_tied`."""
    shape: tuple[int, ...]
    """Of one input."""
    normalization: BatchNormalization | None = None
    activation: Layer | None = None
    """None in the last stage alone. `Maxout` takes its pieces from a dense layer."""


def stages_of(network: Network) -> list[Stage] | None:
    """The stages of a network; None where it is no such row. `Reshape` may stand anywhere, as features are flat."""
    rest, found = _layers(network), list[Stage]()
    while rest:
        weights, shape = rest.pop(0)
        if type(weights) is not Dense and not is_tied(weights, shape):
            return None
        if not rest:
            return [*found, Stage(weights, shape)]
        between, _ = rest.pop(0)
        normalization = None
        if isinstance(between, BatchNormalization) and type(between) is BatchNormalization and rest:
            normalization, (between, _) = between, rest.pop(0)
        if type(between) is Maxout:
            if normalization is not None or type(weights) is not Dense:
                return None
        elif planned_activation(between) is None:
            return None
        found.append(Stage(weights, shape, normalization, between))
    return None


def _layers(network: Network) -> list[tuple[Layer, tuple[int, ...]]]:
    """The layers and the shapes that they take; none that is a `Reshape`, which leaves flat features what they are."""
    found: list[tuple[Layer, tuple[int, ...]]] = []
    shape: tuple[int, ...] = (network.input_size,)
    for layer in network.layers:
        if type(layer) is not Reshape:
            found.append((layer, shape))
        shape = layer.output_shape(shape)
    return found
