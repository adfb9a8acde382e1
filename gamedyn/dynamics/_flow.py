"""flow: the gradient flow z' = -xi(z), or that of any other field, integrated to a stated accuracy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

from gamedyn._checks import check_positive
from gamedyn.backend import Array, device_of, float_arrays, to_device, to_host
from gamedyn.games import Game

__all__ = ["flow"]


def flow(
    game: Game,
    z0: Any,
    times: Any,
    *,
    field: Callable[[Game, Array], Array] | None = None,
    tolerance: float = 1e-10,
) -> Array:
    """Points of the gradient flow z' = -xi(z) from z0, the limit of simultaneous descent for vanishing steps.

    Another field, z' = field(game, z), is integrated in the same way: `replicator_field`, `best_response_field(T)`,
    `modified_field(rule)`, or the `flow` method of any update rule.

    Parameters
    ----------
    game : Game
    z0 : array_like, shape (..., d)
        Starting points at times[0].
    times : array_like, shape (T,)
        Increasing, in units of step size times number of steps.
    field : callable, optional
        field(game, z) -> velocity, of the shape of z.
    tolerance : float
        Relative local error bound of the integrator; the absolute one is a hundredth of it.

    Returns
    -------
    array, shape (T, ..., d)

    Raises
    ------
    ValueError
        If shapes do not fit, the field's included, or `times` do not increase.
    RuntimeError
        If the integrator gives up (a solution that blows up in finite time, for instance); the message says when.

    Notes
    -----
    Integration runs on the host by SciPy's DOP853, a Runge-Kutta method of order 8; the field is evaluated where z0
    lives. A batch is one system, whose steps serve its hardest member.

    Examples
    --------
    On x^2 / 2 the flow is z0 exp(-t).

    >>> from gamedyn.games import Game
    >>> class Bowl(Game):
    ...     dims = (1,)
    ...
    ...     def losses(self, z):
    ...         return z**2 / 2
    >>> round(float(flow(Bowl(), [1.0], [0.0, 1.0])[-1, 0]), 8)
    0.36787944
    """
    from scipy.integrate import solve_ivp

    check_positive("tolerance", tolerance)
    xp, z = float_arrays(z0, names=("z0",))
    d = sum(game.dims)
    if z.ndim == 0 or z.shape[-1] != d:
        raise ValueError(f"`z0` must have shape (..., {d}) for players of sizes {game.dims}, got {tuple(z.shape)}.")
    at = numpy.asarray(to_host(times), dtype=numpy.float64)
    if at.ndim != 1 or len(at) < 1 or not numpy.all(numpy.diff(at) > 0):
        raise ValueError(f"`times` must be increasing numbers, got shape {at.shape} and {at[:3].tolist()}...")
    start = to_host(z)
    shape, dtype, device = start.shape, z.dtype, device_of(z)

    def velocity(_: float, flat: numpy.ndarray) -> numpy.ndarray:
        point = to_device(flat.reshape(shape), xp, dtype=dtype, device=device)
        speed = -game.simultaneous_gradient(point) if field is None else field(game, point)
        if tuple(speed.shape) != shape:
            raise ValueError(f"`field` must return the shape {shape} of its points, got {tuple(speed.shape)}.")
        return numpy.asarray(to_host(speed), dtype=numpy.float64).ravel()

    if len(at) == 1:
        return xp.stack([z])
    with numpy.errstate(over="ignore", invalid="ignore"):
        solution = solve_ivp(
            velocity, (at[0], at[-1]), start.ravel(), method="DOP853", t_eval=at, rtol=tolerance, atol=tolerance / 100
        )
    if not solution.success:
        raise RuntimeError(f"the flow could not be followed past t = {solution.t[-1:]}: {solution.message}")
    return to_device(solution.y.T.reshape((len(at), *shape)), xp, dtype=dtype, device=device)
