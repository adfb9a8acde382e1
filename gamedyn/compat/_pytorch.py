"""PyTorch's numbers: torch.nn.functional.kl_div, whose arguments come in the other order and as logarithms."""

from __future__ import annotations

import math
from typing import Any

from gamedyn._checks import check_choice
from gamedyn.backend import Array, float_arrays
from gamedyn.numerics import xlogy

__all__ = ["kl_div"]

_REDUCTIONS = ("mean", "batchmean", "sum", "none")


def kl_div(input: Any, target: Any, reduction: str = "mean", log_target: bool = False) -> Array:
    """torch.nn.functional.kl_div: the terms target (log target - input) of KL(target, exp(input)).

    Parameters
    ----------
    input : array_like
        Logarithms of the second law's masses.
    target : array_like, of the shape of input
        The first law's masses, or with `log_target` their logarithms.
    reduction : {"mean", "batchmean", "sum", "none"}
        "mean" divides the sum by the number of all entries, outcomes included; "batchmean" by the length of the first
        axis, which gives the mean of KL over rows.
    log_target : bool
        Whether target holds logarithms.

    Returns
    -------
    array, of shape () but for "none"
        0 where target is 0, whatever input says there. PyTorch gives nan where both are empty.

    Raises
    ------
    ValueError, TypeError
        If `reduction` is unknown, or libraries are mixed.

    Examples
    --------
    Half of KL((1/2, 1/2), (1/4, 3/4)) = log(4/3) / 2, since there are two outcomes:

    >>> import math
    >>> round(float(kl_div([math.log(0.25), math.log(0.75)], [0.5, 0.5])), 6)
    0.071921
    """
    check_choice("reduction", reduction, _REDUCTIONS)
    xp, log_q, p = float_arrays(input, target, names=("input", "target"))
    log_q, p = xp.broadcast_arrays(log_q, p)
    if log_target:
        present = p > -xp.inf
        log_p, p = xp.where(present, p, xp.zeros_like(p)), xp.exp(p)
        entropy = p * log_p
    else:
        present, entropy = p > 0, xlogy(p, p)
    cross = p * xp.where(present, log_q, xp.zeros_like(log_q))
    terms = entropy - cross
    if reduction == "none":
        return terms
    total = xp.sum(terms)
    if reduction == "sum":
        return total
    return total / (terms.shape[0] if reduction == "batchmean" else math.prod(terms.shape))
