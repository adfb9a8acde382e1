"""lyapunov_spectrum: mean rates at which small separations grow along an orbit, by repeated QR decompositions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import check_integer, check_nonnegative, check_positive
from gamedyn.dynamics._orbit import FlowSystem, MapSystem, System, system_of, tangent_basis
from gamedyn.dynamics._variational import propagators, variational_times

__all__ = ["LyapunovSpectrum", "lyapunov_of", "lyapunov_spectrum"]

_BLOCKS = 20


@dataclass(frozen=True)
class LyapunovSpectrum:
    """Lyapunov exponents, largest first.

    Parameters
    ----------
    exponents : NumPy array, shape (k,)
        Natural logarithms per step of a map, per unit of time of a flow; -inf in directions that a step annihilates.
    standard_error : NumPy array, shape (k,)
        Of each, from the means over 20 blocks.
    kaplan_yorke_dimension : float
        j + (sum of the first j) / |exponent j + 1|, j the largest for which the sum is not negative; nan where the k
        exponents do not tell. Exponents within three standard errors of 0 count as 0.
    divergence : float
        Mean of log |det D F|, or of the trace of D field, along the orbit: all exponents add up to it.
    steps : float
        Length of the orbit that was averaged over.
    unit : str
        "step" or "unit of time".
    """

    exponents: Any
    standard_error: Any
    kaplan_yorke_dimension: float
    divergence: float
    steps: float
    unit: str

    def __str__(self) -> str:
        rows = ", ".join(f"{x:.6g} ± {e:.1g}" for x, e in zip(self.exponents, self.standard_error, strict=True))
        return (
            f"Lyapunov exponents per {self.unit}: {rows}; Kaplan-Yorke dimension {self.kaplan_yorke_dimension:.6g}; "
            f"mean divergence {self.divergence:.6g}"
        )


def lyapunov_spectrum(
    game: Any,
    rule_or_field: Any,
    z0: Any,
    *,
    steps: float,
    k: int | None = None,
    transient: float | None = None,
    tolerance: float = 1e-9,
) -> LyapunovSpectrum:
    """The k largest Lyapunov exponents: log growth rates of a frame carried along, made orthonormal again and again.

    Parameters
    ----------
    game : Game or StochasticGame
        A stochastic game is taken on `full()`.
    rule_or_field : UpdateRule, callable or None
        A rule is a map of [z, memories]; field(game, z) gives a velocity; None is the gradient flow -xi.
    z0 : array_like, shape (d,)
    steps : int, or float for a flow
        Steps, or time, over which to average, at least 100 steps.
    k : int, optional
        All by default. On simplices only directions that keep the sums of masses count.
    transient : float, optional
        Steps or time that pass before, in which the orbit nears its limit set and the frame aligns; a tenth of `steps`
        by default.
    tolerance : float
        Relative local error of a flow.

    Returns
    -------
    LyapunovSpectrum

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind, shape or range.
    RuntimeError
        If the orbit does not stay finite.
    NotImplementedError
        If the rule's step changes with time.

    Notes
    -----
    Host-only. Exponents of a flow come from the variational equation, solved by a Gauss method of order 6 along a
    solution of order 8.

    References
    ----------
    Benettin, Galgani, Giorgilli, Strelcyn (1980), Lyapunov characteristic exponents for smooth dynamical systems and
    for Hamiltonian systems; a method for computing all of them. Shimada, Nagashima (1979), A numerical approach to
    ergodic problem of dissipative dynamical systems. Kaplan, Yorke (1979), Chaotic behavior of multidimensional
    difference equations.

    Examples
    --------
    Descent with step 1/2 where J = diag(1, 5/2) multiplies by 1/2 and -1/4: the exponents are -log 2 and -log 4.

    >>> from gamedyn.games import Quadratic
    >>> from gamedyn.updates import SimultaneousGradientDescent
    >>> game = Quadratic.from_jacobian([[1.0, 0.0], [0.0, 2.5]], dims=(1, 1))
    >>> spectrum = lyapunov_spectrum(game, SimultaneousGradientDescent(0.5), [1.0, 1.0], steps=200)
    >>> [round(float(x), 9) for x in spectrum.exponents]
    [-0.693147181, -1.386294361]
    """
    system, u = system_of(game, rule_or_field, z0)
    check_positive("steps", steps)
    check_positive("tolerance", tolerance)
    ahead = (steps / 10 if system.is_flow else math.ceil(steps / 10)) if transient is None else transient
    check_nonnegative("transient", ahead)
    if not system.is_flow:
        check_integer("steps", steps, minimum=100)
        check_integer("transient", ahead)
    if k is not None:
        check_integer("k", k, minimum=1)
        largest = tangent_basis(system, len(u)).shape[1]
        if k > largest:
            raise ValueError(f"`k` must be at most {largest}, the number of directions, got {k}.")
    return lyapunov_of(system, u, steps, k, ahead, tolerance)


def lyapunov_of(
    system: System, u: numpy.ndarray, steps: float, k: int | None, transient: float, tolerance: float
) -> LyapunovSpectrum:
    """The spectrum along the orbit of the state u; the arguments are checked."""
    matrices, lengths, traces = _matrices(system, u, transient + steps, tolerance)
    basis = tangent_basis(system, len(u))
    m = basis.shape[1]
    small = numpy.swapaxes(basis, 0, 1) @ matrices @ basis
    ends = numpy.cumsum(lengths)
    first = int(numpy.searchsorted(ends, transient * (1 + 1e-12), side="right"))
    frame = _frame(m, m if k is None else k)
    logs = numpy.empty((len(small), frame.shape[1]))
    floor = float(numpy.finfo(float).eps) * m
    with numpy.errstate(divide="ignore"):
        for i, matrix in enumerate(small):
            moved = matrix @ frame
            frame, r = numpy.linalg.qr(moved)
            sizes = numpy.abs(numpy.diagonal(r))
            # What is below rounding is a direction that the step annihilates.
            logs[i] = numpy.log(numpy.where(sizes > floor * numpy.linalg.norm(matrix), sizes, 0.0))
    logs, lengths = logs[first:], lengths[first:]
    total = float(lengths.sum())
    exponents = logs.sum(axis=0) / total
    parts = [part for part in numpy.array_split(numpy.arange(len(logs)), _BLOCKS) if len(part)]
    weights = numpy.asarray([lengths[part].sum() for part in parts])
    with numpy.errstate(invalid="ignore"):
        means = numpy.asarray([logs[part].sum(axis=0) for part in parts]) / weights[:, None]
        error = numpy.std(means, axis=0, ddof=1) / math.sqrt(len(parts))
    if traces is None:
        with numpy.errstate(divide="ignore"):
            divergence = float(numpy.mean(numpy.linalg.slogdet(small[first:])[1]))
    else:
        divergence = float(numpy.sum(traces[first:]) / total)
    order = numpy.argsort(-exponents, kind="stable")
    exponents, error = exponents[order], numpy.where(numpy.isfinite(exponents), error, 0.0)[order]
    dimension = _kaplan_yorke(exponents, error, whole=len(exponents) == m)
    return LyapunovSpectrum(exponents, error, dimension, divergence, total, system.unit)


def _matrices(
    system: System, u: numpy.ndarray, length: float, tolerance: float
) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray | None]:
    """Derivatives of successive stretches of the orbit, their lengths, and integrals of the trace for flows."""
    if isinstance(system, MapSystem):
        points = system.follow(u, int(length))
        if len(points) <= length or not numpy.all(numpy.isfinite(points)):
            raise RuntimeError(f"the orbit does not stay finite: it has left the numbers at step {len(points)}.")
        slopes = [system.jacobian(part) for part in numpy.array_split(points[:-1], max(1, len(points) // 20000))]
        return numpy.concatenate(slopes), numpy.ones(len(points) - 1), None
    return _flow_matrices(system, u, length, tolerance)


def _flow_matrices(
    system: FlowSystem, z: numpy.ndarray, length: float, tolerance: float
) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
    solution = system.solve(z, length, tolerance)
    if not solution.success:
        raise RuntimeError(f"the flow could not be followed past t = {solution.t[-1]:.6g}: {solution.message}")
    times = variational_times(system, solution, 2, 0.5)
    matrices = propagators(system, solution, times)
    basis = tangent_basis(system, len(z))
    # The trace is integrated by Simpson's rule, apart from the propagators: a check on them.
    middle = (times[:-1] + times[1:]) / 2
    slopes = system.jacobian(solution.sol(numpy.concatenate([times, middle])).T)
    trace = numpy.einsum("dm,ndc,cm->n", basis, slopes, basis)
    ends, inner = trace[: len(times)], trace[len(times) :]
    lengths = numpy.diff(times)
    return matrices, lengths, lengths * (ends[:-1] + 4 * inner + ends[1:]) / 6


def _frame(m: int, k: int) -> numpy.ndarray:
    """(m, k), orthonormal and in no special position, the same at every call."""
    grid = numpy.arange(1.0, m * m + 1).reshape(m, m)
    return numpy.asarray(numpy.linalg.qr(numpy.eye(m) + numpy.sin(grid * grid) / 2)[0][:, :k])


def _kaplan_yorke(exponents: numpy.ndarray, error: numpy.ndarray, *, whole: bool) -> float:
    # Of a flow's cycle one exponent is 0, whatever sign its error gives it.
    sums = numpy.cumsum(numpy.where(numpy.abs(exponents) <= 3 * error, 0.0, exponents))
    below = numpy.flatnonzero(sums < 0)
    if not len(below):
        return float(len(exponents)) if whole else math.nan
    j = int(below[0])
    return 0.0 if j == 0 else j + float(sums[j - 1] / abs(exponents[j]))
