"""check_layer: a gradient check that raises."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gamedyn.backend import Array
from gamedyn.nn import Layer, Network, gradient_check

__all__ = ["check_layer"]


def check_layer(
    layer: Layer | Network,
    input_shape: tuple[int, ...] | None = None,
    *,
    rng: Any = None,
    draw: Callable[[Any, tuple[int, ...]], Array] | None = None,
    batch: int = 3,
    ensemble: tuple[int, ...] = (2,),
    tolerance: float = 1e-12,
) -> None:
    """Raise unless `nn.gradient_check` of the layer passes, by complex step.

    Parameters
    ----------
    layer : Layer or Network
        Yours or ours; analytic away from kinks, with pieces chosen by the real part.
    input_shape : tuple of int, optional
        Shape of one input, batch axes excluded, such as (3,); a Network knows its own.
    rng : None, int or numpy.random.Generator
    draw : callable, optional
        (rng, shape) -> x, for layers that do not take every number; standard normal where None.
    batch : int
        Size of the batch axis.
    ensemble : tuple of int
        Leading axes of inputs and parameters.
    tolerance : float
        For relative errors.

    Raises
    ------
    AssertionError
        Naming the layer, the method, the array with its worst index and both values, and the direction.

    Examples
    --------
    >>> from gamedyn.nn import Dense
    >>> check_layer(Dense(3, 2), (3,), rng=0)
    """
    report = gradient_check(
        layer,
        input_shape,
        rng=rng,
        draw=draw,
        batch=batch,
        ensemble=ensemble,
        method="complex step",
        tolerance=tolerance,
    )
    if not report.passed:
        raise AssertionError(f"{report.layer}: {report.worst.sentence(report.method)}")
