"""The bracket of an unregularised optimal cost that an entropic solution proves, without a stored plan."""

from __future__ import annotations

from typing import Any

from gamedyn.backend import array_namespace
from gamedyn.transport._certificate import bracket, cut_to
from gamedyn.transport._lazy_plan import EntropicPlan

__all__ = ["entropic_bracket"]


def entropic_bracket(plan: EntropicPlan, rounding: tuple[float, float] = (0.0, 0.0)) -> tuple[float, float]:
    """(lower, upper) of min over plans with margins a and b of sum plan_ij c_ij.

    Parameters
    ----------
    plan : EntropicPlan
        Of any accuracy; a and b have one sum.
    rounding : tuple of float
        How far its costs may be off, relatively and absolutely.

    Notes
    -----
    The lower end is the dual value of two c-transforms of g. The upper end is the cost of the plan with rows and
    columns cut to size and the missing mass spread as a product. Three passes over the blocks.

    References
    ----------
    Altschuler, Weed and Rigollet (2017), Near-linear time approximation algorithms for optimal transport via Sinkhorn
    iteration.
    """
    xp: Any = array_namespace(plan.a)
    a, b = plan.a, plan.b
    cuts, columns = [], xp.zeros_like(b)
    for rows, _, block in plan.blocks():
        cut = cut_to(xp, a[rows], xp.sum(block, axis=1))
        cuts.append(cut)
        columns = columns + cut @ block
    column_cut = cut_to(xp, b, columns)
    short_columns = xp.maximum(b - columns * column_cut, xp.zeros_like(b))
    paid, short_rows = xp.zeros_like(a[0]), []
    for (rows, cost, block), cut in zip(plan.blocks(), cuts, strict=True):
        short_rows.append(xp.maximum(a[rows] - cut * (block @ column_cut), xp.zeros_like(cut)))
        block *= cost
        paid = paid + xp.sum(cut * (block @ column_cut))
    # One pass over the costs alone: the correction's price, and the c-transforms.
    f, g, spread = [], xp.full_like(b, xp.inf), xp.zeros_like(a[0])
    for (_, cost), short in zip(plan.cost.blocks(plan.entries), short_rows, strict=True):
        spread = spread + xp.sum(short * (cost @ short_columns))
        own = xp.min(cost - plan.g, axis=1)
        f.append(own)
        g = xp.minimum(g, xp.min(cost - own[:, None], axis=0))
    missing = max(sum(float(xp.sum(short)) for short in short_rows), float(xp.sum(short_columns)))
    f_all = f[0] if len(f) == 1 else xp.concat(f)
    upper = float(paid) + (float(spread) / missing if missing > 0 else 0.0)
    # What roundings of costs and potentials may add up to.
    size = max(float(xp.max(xp.abs(f_all))), float(xp.max(xp.abs(g))), upper)
    relative, absolute = rounding
    slack = ((16 * float(xp.finfo(a.dtype).eps) + relative) * size + absolute) * float(xp.sum(a))
    return bracket(upper, float(xp.sum(a * f_all) + xp.sum(b * g)), slack=slack, excess=slack)
