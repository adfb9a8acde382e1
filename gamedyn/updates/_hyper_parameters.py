"""Whether hyper-parameters suit a batch of points, and a step size its rule."""

from __future__ import annotations

from gamedyn.backend import Array
from gamedyn.updates._base import UpdateRule

__all__ = ["check_hyper_parameters", "takes_step_size"]


def check_hyper_parameters(rule: UpdateRule, z: Array, name: str = "z0") -> None:
    """Refuse arrays among the hyper-parameters, of wrapped rules too, that do not broadcast to the batch of z.

    Parameters
    ----------
    rule : UpdateRule
    z : array, shape (..., d)
    name : str
        Of z, for the message.

    Raises
    ------
    ValueError
        Naming the hyper-parameter and both shapes.
    """
    for field in getattr(rule, "__dataclass_fields__", ()):
        value = getattr(rule, field)
        if isinstance(value, UpdateRule):
            check_hyper_parameters(value, z, name)
            continue
        # One entry for each player, perhaps.
        for part in value if isinstance(value, (tuple, list)) else (value,):
            shape = tuple(getattr(part, "shape", ()))
            if shape and not _broadcasts(shape, z.shape[:-1]):
                raise ValueError(
                    f"`{field}` must be a number or have the batch shape {tuple(z.shape[:-1])} of `{name}`, got shape "
                    f"{shape}. Give `{name}` one row per value."
                )


def _broadcasts(shape: tuple[int, ...], batch: tuple[int, ...]) -> bool:
    return len(shape) <= len(batch) and all(a in (1, b) for a, b in zip(reversed(shape), reversed(batch), strict=False))


def takes_step_size(rule: UpdateRule, step_size: float) -> bool:
    """Whether a step size is in the rule's domain: some are weights of at most 1.

    Parameters
    ----------
    rule : UpdateRule
    step_size : float
    """
    try:
        rule.with_step_size(step_size)
    except ValueError:
        return False
    return True
