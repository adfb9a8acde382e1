"""The likelihood by the probability flow, integrated in the angle whose tangent is the noise level."""

from __future__ import annotations

import math
from typing import Any

import numpy

from gamedyn._checks import check_in_interval
from gamedyn.models._noise_schedule import NoiseSchedule
from gamedyn.models._noised_mixture import NoisedMixture
from gamedyn.numerics import Estimate

__all__ = ["flow_log_prob"]


def flow_log_prob(
    noised: NoisedMixture, schedule: NoiseSchedule, rows: numpy.ndarray, prior: str, tolerance: float
) -> Estimate:
    """log p(x) = log p_T(x_T) + integral of div v along dx / dphi = v(x, phi), tan phi = sqrt((1 - ab) / ab).

    Parameters
    ----------
    noised : NoisedMixture
        With a density.
    schedule : NoiseSchedule
        Gives the last angle.
    rows : array, shape (..., d)
        Points.
    prior : {"exact", "normal"}
        p_T.
    tolerance : float
        Of the integrator.

    Notes
    -----
    x = cos(phi) x_0 + sin(phi) eps has the derivative cos(phi) eps - sin(phi) x_0, and its mean given x is v =
    -tan(phi) (x + score). So div v = -tan(phi) (d + tr Hessian log q). In phi the flow has neither the singularity at
    the data nor an endless noise level. DOP853.

    References
    ----------
    Song, Sohl-Dickstein, Kingma, Kumar, Ermon and Poole (2021), Score-Based Generative Modeling through Stochastic
    Differential Equations.
    """
    check_in_interval("tolerance", tolerance, 1e-12, 1e-2)
    flat = rows.reshape(-1, noised.dimension)
    value = _integrated(noised, schedule, flat, prior, tolerance)
    rough = _integrated(noised, schedule, flat, prior, 100 * tolerance)
    value, error = value.reshape(rows.shape[:-1])[()], numpy.abs(value - rough).reshape(rows.shape[:-1])[()]
    method = "probability flow by DOP853"
    return Estimate(value, error, value - error, value + error, math.nan, method, flat.shape[0], "log p(x) in nats")


def _integrated(noised: NoisedMixture, schedule: NoiseSchedule, flat: Any, prior: str, tolerance: float) -> Any:
    from scipy.integrate import solve_ivp

    n, d = flat.shape
    if n == 0:
        return numpy.zeros(0)

    def field(phi: float, state: Any) -> Any:
        points = state[: n * d].reshape(n, d)
        a, v, slope = numpy.float64(math.cos(phi)), numpy.float64(math.sin(phi) ** 2), math.tan(phi)
        flow = -slope * (points + noised.score(points, a, v))
        divergence = -slope * (d + noised.score_divergence(points, a, v))
        return numpy.concatenate([flow.ravel(), divergence])

    last = math.atan(float(schedule.noise_level(schedule.steps)))
    start = numpy.concatenate([flat.ravel(), numpy.zeros(n)])
    found = solve_ivp(field, (0.0, last), start, method="DOP853", rtol=tolerance, atol=tolerance, t_eval=[last])
    if not found.success:
        raise RuntimeError(f"the probability flow was not integrated: {found.message}")
    end = found.y[:, -1]
    points, change = end[: n * d].reshape(n, d), end[n * d :]
    if prior == "normal":
        return -0.5 * (points**2).sum(-1) - 0.5 * d * math.log(2 * math.pi) + change
    a, v = numpy.sqrt(schedule.alpha_bar(schedule.steps)), schedule.noise_variance(schedule.steps)
    return noised.log_density(points, a, v) + change
