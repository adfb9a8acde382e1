"""check_criterion: every derivative of a criterion against complex step, and its rows each on their own."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.backend import as_generator
from gamedyn.models import Criterion

__all__ = ["check_criterion"]

_STEP = 1e-20


def check_criterion(
    criterion: Criterion, rows: Any, *, rng: Any = None, ensemble: tuple[int, ...] = (2,), tolerance: float = 1e-12
) -> None:
    """Raise unless the gradient is that of the mean loss, `hvp` its tangent, and no row's loss depends on the others.

    Derivatives are compared with complex step and with real differences, along three random directions, at random
    parameters around those of `init`, in double precision.

    Parameters
    ----------
    criterion : Criterion
        Yours or ours.
    rows : array_like, shape (n, columns)
        Of the criterion's kind; at least two.
    rng : None, int or numpy.random.Generator
    ensemble : tuple of int
        Leading axes of the parameters.
    tolerance : float
        For relative errors against complex step.

    Raises
    ------
    AssertionError
        Naming the criterion, what is wrong, and both values.

    Examples
    --------
    >>> from gamedyn.models import NetworkCriterion
    >>> from gamedyn.nn import SquaredError, mlp
    >>> check_criterion(NetworkCriterion(mlp((2, 2)), SquaredError()), [[0.0, 1.0], [2.0, 3.0]], rng=0)
    """
    rng, rows = as_generator(rng), numpy.asarray(rows, dtype=numpy.float64)
    n, size = rows.shape[0], criterion.size
    noise = criterion.noise(rng, n)
    theta = criterion.init(rng, numpy, numpy.float64, batch_shape=ensemble)
    _equal(criterion, "the shape of `init`", theta.shape, (*ensemble, size))
    theta = theta + 0.3 * rng.standard_normal(theta.shape)
    losses = criterion.losses(theta, rows, noise)
    _equal(criterion, "the shape of `losses`", losses.shape, (*ensemble, n))
    gradient = criterion.gradient(theta, rows, noise)
    _equal(criterion, "the shape of `gradient`", gradient.shape, theta.shape)

    def mean_loss(point: Any) -> Any:
        return criterion.losses(point, rows, noise).sum(axis=-1) / n

    for v in [rng.standard_normal(theta.shape) for _ in range(3)]:
        slope = (gradient * v).sum(axis=-1)
        _close(
            criterion,
            "`gradient`, by complex step on `losses`",
            slope,
            mean_loss(theta + 1j * _STEP * v).imag / _STEP,
            tolerance,
        )
        # Complex step and the code could share an error in complex arithmetic.
        h = 1e-6
        _close(
            criterion,
            "`gradient`, by differences",
            slope,
            (mean_loss(theta + h * v) - mean_loss(theta - h * v)) / (2 * h),
            1e-6,
        )
        product = criterion.hvp(theta, rows, noise, v)
        moved = criterion.gradient(theta + 1j * _STEP * v, rows, noise).imag / _STEP
        _close(criterion, "`hvp`, by complex step on `gradient`", product, moved, tolerance)
    for k in range(n):
        beside = None if noise is None else noise[k : k + 1]
        alone = criterion.losses(theta, rows[k : k + 1], beside)[..., 0]
        _close(criterion, f"the loss of row {k} alone", alone, losses[..., k], tolerance)
    first = max(1, n // 3)
    parts = [(slice(0, first), first / n), (slice(first, n), 1 - first / n)]
    total = sum(
        share * criterion.gradient(theta, rows[part], None if noise is None else noise[part]) for part, share in parts
    )
    _close(criterion, "`gradient`, from two parts of the rows", total, gradient, tolerance)


def _equal(criterion: Criterion, what: str, found: Any, expected: Any) -> None:
    if tuple(found) != tuple(expected):
        raise AssertionError(f"{criterion!r}: {what} must be {tuple(expected)}, got {tuple(found)}.")


def _close(criterion: Criterion, what: str, found: Any, expected: Any, tolerance: float) -> None:
    found, expected = numpy.asarray(found), numpy.asarray(expected)
    error = numpy.abs(found - expected)
    bound = tolerance * (1 + numpy.abs(expected).max(initial=0.0))
    if not (error <= bound).all():
        worst = numpy.unravel_index(numpy.argmax(numpy.where(numpy.isnan(error), numpy.inf, error)), error.shape)
        raise AssertionError(
            f"{criterion!r}: {what}: {found[worst]!r} expected to be {expected[worst]!r}, at {tuple(map(int, worst))}."
        )
