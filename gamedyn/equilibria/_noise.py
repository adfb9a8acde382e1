"""stationary_covariance: how far constant steps on noisy gradients stay from a stationary point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace, device_of, real_dtype, to_device, to_host
from gamedyn.equilibria._noise_inputs import noise_inputs
from gamedyn.equilibria._point import as_game_and_points
from gamedyn.equilibria._spectrum import check_rule_at, iteration_matrix
from gamedyn.games import Game, StochasticGame
from gamedyn.updates import UpdateRule

__all__ = ["StationaryNoise", "check_covariance", "lyapunov_sum", "noise_floor", "stationary_covariance"]

_SYMMETRY = 1e-8


@dataclass(frozen=True, eq=False)
class StationaryNoise:
    """The law of z - z* in the long run, under noise on the gradient that does not depend on z.

    Parameters
    ----------
    covariance : array, shape (d, d)
        Of z, in the library of the point.
    extended_covariance : array, shape (D, D)
        Of [z, memories].
    floor : float
        E |z - z*|^2, the trace of `covariance`.
    radius : float
        The spectral radius of the step: the start is forgotten by this factor per step.
    samples : int
        Independent samples of the noise that a step takes.
    exact : bool
        Whether this is the covariance itself (affine games), or that of the rule linearised at z*.
    """

    covariance: Array
    extended_covariance: Array
    floor: float
    radius: float
    samples: int
    exact: bool

    def __str__(self) -> str:
        """One sentence."""
        kind = "" if self.exact else ", to first order in the noise"
        return f"E |z - z*|^2 tends to {self.floor:.8g} with radius {self.radius:.8g}{kind}"


def stationary_covariance(
    rule: UpdateRule, game: Game | StochasticGame, z: Any, noise_covariance: Any, *, tolerance: float | None = None
) -> StationaryNoise:
    """The covariance that z - z* settles at: X = M X M^T + sum_j B_j C B_j^T, M the rule's matrix.

    xi is known up to noise w with mean 0 and covariance C, independent from sample to sample: xi(z) + w. B_j is the
    derivative of a step in the noise of its j-th sample, so that it holds for every rule: extragradient uses one sample
    for both of its gradients, while rules that call `redraw` take fresh ones. Exact for affine games and rules that are
    linear on them; to first order in the noise elsewhere, where the mean is displaced, too, by terms of second order.

    Parameters
    ----------
    rule : UpdateRule
        The same at all steps, with numbers as hyper-parameters.
    game : Game or StochasticGame
        A stochastic game is taken on `full()`; its own noise is not looked at.
    z : array_like, shape (d,)
        Where the rule rests, the z* above.
    noise_covariance : float or array_like, shape (d, d)
        C, symmetric and positive semidefinite; a number is that multiple of the identity. `NoisyGame(game, s)` has s^2.
    tolerance : float, optional
        On the relative residual at z, as for `iteration_matrix`.

    Returns
    -------
    StationaryNoise

    Raises
    ------
    NotImplementedError
        If the rule has no matrix, as for `iteration_matrix`.
    ValueError
        If the radius is not below 1, so that no stationary law exists; if C is not a covariance; or as for
        `iteration_matrix`.

    Notes
    -----
    Host-only, O(D^3) for every bit of 1 / (1 - radius). The sum over k of M^k Q (M^T)^k is taken by doubling, which
    keeps it positive semidefinite, and its residual in the equation is checked.

    Examples
    --------
    Descent on x^2 / 2 with noise of variance 1: h / (2 - h).

    >>> from gamedyn.games import Quadratic
    >>> from gamedyn.updates import SimultaneousGradientDescent
    >>> game = Quadratic([[[1.0]]], dims=(1,))
    >>> round(stationary_covariance(SimultaneousGradientDescent(0.5), game, [0.0], 1.0).floor, 12)
    0.333333333333
    """
    full, points = as_game_and_points(game, z)
    if points.ndim != 1:
        raise ValueError(f"`z` must be one point of shape ({points.shape[-1]},), got shape {tuple(points.shape)}.")
    check_rule_at(rule, full, points)
    covariance = check_covariance(noise_covariance, points.shape[-1])
    matrix = to_host(iteration_matrix(rule, full, points, tolerance=tolerance)).astype(float)
    radius = float(numpy.max(numpy.abs(numpy.linalg.eigvals(matrix))))
    if not radius < 1:
        raise ValueError(
            f"`rule` must contract at `z` for a stationary law to exist, got a spectral radius of {radius:.8g}."
        )
    inputs = noise_inputs(rule, full, points).astype(float)
    forcing = numpy.einsum("jak,kl,jbl->ab", inputs, covariance, inputs)
    extended = lyapunov_sum(matrix, forcing)
    d = points.shape[-1]
    xp, kind, device = array_namespace(points), real_dtype(points), device_of(points)
    return StationaryNoise(
        covariance=to_device(numpy.ascontiguousarray(extended[:d, :d]), xp, dtype=kind, device=device),
        extended_covariance=to_device(extended, xp, dtype=kind, device=device),
        floor=float(numpy.trace(extended[:d, :d])),
        radius=radius,
        samples=len(inputs),
        exact=bool(full.is_affine and rule.is_linear),
    )


def noise_floor(
    rule: UpdateRule, game: Game | StochasticGame, z: Any, noise_covariance: Any, *, tolerance: float | None = None
) -> float:
    """E |z - z*|^2 in the long run: the trace of the stationary covariance.

    Parameters
    ----------
    rule, game, z, noise_covariance, tolerance
        As for `stationary_covariance`.

    Returns
    -------
    float

    Raises
    ------
    NotImplementedError, ValueError
        As for `stationary_covariance`.

    Examples
    --------
    Heavy ball on x^2 / 2 settles at h (1 + b) / ((1 - b) (2 (1 + b) - h)) times the variance of the noise: 1/4 * 3/2 /
    (1/2 * 11/4) here.

    >>> from gamedyn.games import Quadratic
    >>> from gamedyn.updates import HeavyBall
    >>> game = Quadratic([[[1.0]]], dims=(1,))
    >>> round(noise_floor(HeavyBall(0.25, momentum=0.5), game, [0.0], 1.0), 12) == round(3 / 11, 12)
    True
    """
    return stationary_covariance(rule, game, z, noise_covariance, tolerance=tolerance).floor


def check_covariance(noise_covariance: Any, d: int) -> numpy.ndarray:
    """The covariance (d, d) on the host, after a check.

    Parameters
    ----------
    noise_covariance : float or array_like, shape (d, d)
    d : int
    """
    values = noise_covariance if isinstance(noise_covariance, (int, float, list, tuple)) else to_host(noise_covariance)
    host = numpy.asarray(values, dtype=float)
    if host.shape == ():
        host = float(host) * numpy.eye(d)
    if host.shape != (d, d):
        raise ValueError(f"`noise_covariance` must be a number or have shape ({d}, {d}), got shape {host.shape}.")
    if not numpy.all(numpy.isfinite(host)):
        raise ValueError("`noise_covariance` must be finite, got infinite or NaN entries.")
    size = float(numpy.max(numpy.abs(host)))
    if float(numpy.max(numpy.abs(host - host.T))) > _SYMMETRY * size:
        raise ValueError("`noise_covariance` must be symmetric. Replace C by (C + C^T) / 2.")
    host = numpy.asarray((host + host.T) / 2)
    smallest = float(numpy.linalg.eigvalsh(host)[0])
    if smallest < -_SYMMETRY * size:
        raise ValueError(f"`noise_covariance` must be positive semidefinite, got the eigenvalue {smallest:.3g}.")
    return host


def lyapunov_sum(matrix: numpy.ndarray, forcing: numpy.ndarray) -> numpy.ndarray:
    """X = sum_k M^k Q (M^T)^k, the solution of X = M X M^T + Q for a spectral radius below 1.

    Parameters
    ----------
    matrix : NumPy array, shape (D, D)
    forcing : NumPy array, shape (D, D)
        Q, symmetric.

    Raises
    ------
    ValueError
        If the radius is so near to 1 that the sum is not found.
    """
    power, total, settled = matrix, forcing, False
    with numpy.errstate(over="ignore", invalid="ignore", under="ignore"):
        # Twice as many terms every time: 60 rounds are 10^18 of them.
        for _ in range(60):
            added = power @ total @ power.T
            total = total + added
            settled = float(numpy.max(numpy.abs(added))) <= 1e-18 * float(numpy.max(numpy.abs(total)))
            if settled:
                break
            power = power @ power
        total = numpy.asarray((total + total.T) / 2)
        left = matrix @ total @ matrix.T + forcing - total
    if not settled or not float(numpy.max(numpy.abs(left))) <= 1e-9 * float(numpy.max(numpy.abs(total))):
        raise ValueError(
            "`rule` must contract at `z` for a stationary law to exist, got a radius of 1 within rounding."
        )
    return total
