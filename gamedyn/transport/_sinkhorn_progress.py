"""What Sinkhorn solvers tell their user: a bar on the way, and a warning where they stopped early."""

from __future__ import annotations

import contextlib
import math
import warnings
from collections.abc import Callable, Iterator

from gamedyn._checks import check_integer, check_positive
from gamedyn.backend import require
from gamedyn.transport._sinkhorn_stages import Budget, Solution

__all__ = ["budgeted", "warn_if_unfinished"]


@contextlib.contextmanager
def budgeted(
    name: str, tolerance: float | None, max_iterations: int, max_bytes: int, progress: bool
) -> Iterator[Budget]:
    """The checked budget of a solver, with a bar on stderr while it is used where `progress` says so."""
    if tolerance is not None:
        check_positive("tolerance", tolerance)
    check_integer("max_iterations", max_iterations, minimum=1)
    check_integer("max_bytes", max_bytes, minimum=1)
    tick: Callable[[float], None] | None = None
    bar = None
    if progress:
        form = "{desc}: {n:.2f} sweeps [{elapsed}, {rate_fmt}]"
        bar = require("tqdm").tqdm(desc=name, unit=" sweeps", bar_format=form)
        tick = bar.update
    try:
        yield Budget(tolerance, max_iterations, max_bytes, tick)
    finally:
        if bar is not None:
            bar.close()


def warn_if_unfinished(name: str, solution: Solution, stacklevel: int = 3) -> None:
    """Warn that a solver stopped before its tolerance."""
    if not solution.converged:
        error = f"{solution.error:.1e}" if math.isfinite(solution.error) else "no finite value"
        warnings.warn(
            f"{name} stopped after {solution.iterations} sweeps with a marginal error of {error}, above "
            f"{solution.tolerance:.1e}. Raise `max_iterations` or `epsilon`; for an epsilon below 5e-4 of the largest "
            "cost the exact wasserstein_distance is usually faster.",
            stacklevel=stacklevel + 1,
        )
