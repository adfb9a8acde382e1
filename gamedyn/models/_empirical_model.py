"""EmpiricalModel: the law of the training rows themselves, which remembers all and generalizes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn.backend import Array
from gamedyn.distributions import Empirical
from gamedyn.models._fitted_law import FittedLaw

__all__ = ["EmpiricalModel"]


@dataclass(eq=False, repr=False)
class EmpiricalModel(FittedLaw):
    """p(x) = (number of training rows equal to x) / n: the maximum of the likelihood over all laws.

    `log_prob` is the log of a mass, -inf at every row that was not in the training. A sampler that copies its data has
    this law, and a test score of -inf, however good its samples look.

    Attributes
    ----------
    law_ : Empirical

    Examples
    --------
    >>> model = EmpiricalModel().fit([[0.0], [0.0], [1.0], [2.0]])
    >>> [round(value, 12) for value in model.log_prob([[0.0], [3.0]]).tolist()]  # log 2 / 4
    [-0.69314718056, -inf]
    """

    def _learned(self, rows: Any) -> dict[str, Any]:
        return {"rows": rows}

    def _law(self, state: dict[str, Array]) -> Empirical:
        return Empirical(state["rows"])
