"""Models whose fit is a law: log_prob and sample of a Distribution that is found from rows at once."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from gamedyn.backend import Array, array_namespace, device_of, to_device, to_host
from gamedyn.distributions import Distribution
from gamedyn.models._closed_form_model import ClosedFormModel
from gamedyn.models._gan_parts import Shapes

__all__ = ["FittedLaw", "placed"]


class FittedLaw(ClosedFormModel):
    """A model that is its fitted `law_`, of rows (n, features), in double precision.

    Fits are made on the host; the law lives in the library and on the device of the rows.
    """

    takes_labels: ClassVar[bool] = False
    # Constant columns and whole numbers are no trouble here: each model says which rows it cannot use.
    warns_of_columns: ClassVar[bool] = False
    law_: Distribution

    @abstractmethod
    def _learned(self, rows: Any) -> dict[str, Any]:
        """What is learned of rows on the host, as arrays there."""

    @abstractmethod
    def _law(self, state: dict[str, Array]) -> Distribution:
        """The law that the arrays are of; other attributes of the fit are set beside it."""

    def _learn(self, rows: Array, labels: Any) -> dict[str, Array]:
        learned = self._learned(to_host(rows))
        xp, device = array_namespace(rows), device_of(rows)
        return dict(zip(learned, placed(xp, device, *learned.values()), strict=True))

    def _keep(self, state: dict[str, Array], shapes: Shapes, classes: Any) -> None:
        super()._keep(state, shapes, classes)
        self.law_ = self._law(state)

    def _log_prob(self, rows: Array) -> Array:
        return self.law_.log_prob(rows)

    def _sample(self, n: int, labels: Array | None, rng: Any) -> Array:
        return self.law_.sample(n, rng=rng)


def placed(xp: Any, device: Any, *arrays: Any) -> list[Array]:
    """Host arrays in a library, on a device, in double precision."""
    return [to_device(array, xp, dtype=xp.float64, device=device) for array in arrays]
