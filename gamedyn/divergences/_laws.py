"""Divergences between two Distributions: closed form, adaptive quadrature, a sum over atoms, or draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gamedyn._checks import check_choice
from gamedyn.distributions import Distribution
from gamedyn.divergences._closed import closed_form
from gamedyn.divergences._law_draws import by_draws
from gamedyn.divergences._law_quadrature import by_quadrature, on_plane
from gamedyn.divergences._law_supports import by_supports
from gamedyn.divergences._law_values import batch_of, exact
from gamedyn.divergences._mixture_bounds import by_bounds
from gamedyn.divergences._sum_over_atoms import sum_over_atoms
from gamedyn.numerics import Estimate

if TYPE_CHECKING:
    from gamedyn.divergences._base import FDivergence

__all__ = ["between_laws", "check_laws"]

_METHODS = ("auto", "closed", "quadrature", "monte_carlo", "bounds")


def check_laws(p: Any, q: Any) -> None:
    """Raise unless both are Distributions of one event shape, and of batch shapes that broadcast."""
    for name, law in (("p", p), ("q", q)):
        if not isinstance(law, Distribution):
            kind = type(law).__name__
            raise TypeError(f"`{name}` must be a Distribution where the other argument is one, got {kind}.")
    if p.event_shape != q.event_shape:
        raise ValueError(f"`p` and `q` must have one event shape, got {p.event_shape} and {q.event_shape}.")
    try:
        batch_of(p, q)
    except ValueError:
        raise ValueError(
            f"`p` and `q` must have batch shapes that broadcast, got {p.batch_shape} and {q.batch_shape}."
        ) from None


def between_laws(divergence: FDivergence, p: Any, q: Any, *, method: str, n: int, rng: Any) -> Estimate:
    """The Estimate of a divergence between two laws in nats; the arguments are documented at `FDivergence.__call__`.

    Quadrature and draws are host-only work; the value comes back to the library and device of the laws.
    """
    check_choice("method", method, _METHODS)
    check_laws(p, q)
    if method == "bounds":
        return by_bounds(divergence, p, q)
    if method in ("auto", "closed"):
        value = closed_form(divergence, p, q)
        if value is not None:
            return exact(divergence, value, "closed form", 0)
        value = by_supports(divergence, p, q)
        if value is not None:
            return exact(divergence, value, "supports", 0)
        if method == "closed":
            pair = f"{type(p).__name__} and {type(q).__name__}"
            raise ValueError(f"{divergence.name} of {pair} has no closed form. Pass method='quadrature'.")
    if p.is_discrete is not q.is_discrete:
        return exact(divergence, by_supports(divergence, p, q), "supports", 0)
    if method == "monte_carlo":
        return by_draws(divergence, p, q, n, rng)
    if p.is_discrete:
        return sum_over_atoms(divergence, p, q)
    if p.event_shape == () or (on_plane(p) and on_plane(q)):
        return by_quadrature(divergence, p, q)
    if method == "quadrature":
        raise ValueError(
            "quadrature serves laws on the line, and normal laws and their mixtures on the plane, "
            f"got {type(p).__name__} and {type(q).__name__} of event shape {p.event_shape}. Pass 'monte_carlo'."
        )
    return by_draws(divergence, p, q, n, rng)
