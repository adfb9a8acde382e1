"""The list of all claims: which files hold them, in the order of the table, and how a user's words pick some."""

from __future__ import annotations

import fnmatch
import functools
import importlib
from collections.abc import Iterable

from gamedyn._checks import nearest
from gamedyn.claims._base import Claim

__all__ = ["GROUPS", "all_claims", "claim", "group_of", "select_claims"]

GROUPS: dict[str, tuple[str, ...]] = {
    "Divergences": (
        "_kullback_leibler",
        "_jensen_shannon",
        "_inequalities",
        "_divergence_bounds",
        "_duality",
        "_families",
        "_mode_covering",
        "_discrepancies",
        "_estimators",
    ),
    "Transport": ("_transport", "_transport_geometry", "_transport_bounds", "_entropic"),
    "GAN theory": (
        "_gan_value",
        "_gan_divergences",
        "_gan_critic",
        "_gan_gradients",
        "_gan_supports",
        "_gan_trained",
    ),
    "Games and dynamics": (
        "_bilinear",
        "_bilinear_rules",
        "_games",
        "_symbols",
        "_anchoring",
        "_drift",
        "_noise_floor",
        "_equilibrium_kinds",
        "_leaders",
        "_cycles",
        "_bifurcations",
        "_guarantees",
        "_flow_shapes",
        "_finite_games",
        "_neural_equilibrium",
    ),
    "Networks": ("_networks", "_layers"),
    "Diffusion": ("_diffusion", "_diffusion_samplers"),
    "Explicit densities": ("_sequences",),
    "Pitfalls": ("_gan_pitfalls", "_critic_pitfalls"),
    "Papers": (
        "_paper_dirac_gan",
        "_paper_bilinear",
        "_paper_drift",
        "_paper_noise",
        "_paper_ridge",
        "_paper_shaping",
        "_paper_markets",
        "_paper_finite_games",
    ),
}
"""Heading -> the files of `gamedyn/claims` under it; each defines CLAIMS."""


@functools.cache
def _claims_by_group() -> dict[str, tuple[Claim, ...]]:
    found = {}
    for heading, files in GROUPS.items():
        modules = [importlib.import_module(f"gamedyn.claims.{name}") for name in files]
        found[heading] = tuple(each for module in modules for each in module.CLAIMS)
    return found


def all_claims() -> tuple[Claim, ...]:
    """Every claim, in the order of the table."""
    return tuple(each for claims in _claims_by_group().values() for each in claims)


def claim(id: str) -> Claim:
    """The claim named `id`.

    Parameters
    ----------
    id : str
        For instance "gan.value-identity".

    Raises
    ------
    ValueError
        If there is none; the message offers the nearest ids.
    """
    by_id = {each.id: each for each in all_claims()}
    if id not in by_id:
        raise ValueError(_unknown(id))
    return by_id[id]


def group_of(id: str) -> str:
    """The heading under which the claim named `id` stands; empty for one that is not registered.

    Parameters
    ----------
    id : str
        Of a claim.
    """
    headings = (heading for heading, claims in _claims_by_group().items() if any(each.id == id for each in claims))
    return next(headings, "")


def select_claims(select: str | Iterable[str] | None = None, *, full: bool = False) -> tuple[Claim, ...]:
    """The claims that `select` names, in the order of the table.

    Parameters
    ----------
    select : str or iterable of str, optional
        Ids ("gan.value-identity"), patterns ("gan.*", "*jensen*") or families ("gan"). None selects all.
    full : bool
        Whether the longer claims come too. One that is named by its id comes anyway.

    Raises
    ------
    ValueError
        If a word fits no claim; the message offers the nearest ids.
    """
    words = ["*"] if select is None else [select] if isinstance(select, str) else list(select)
    chosen: set[str] = set()
    for word in words:
        matches = {each.id for each in all_claims() if _fits(each.id, word) and (full or not each.full)}
        if not any(_fits(each.id, word) for each in all_claims()):
            raise ValueError(_unknown(word))
        chosen |= matches | {each.id for each in all_claims() if each.id == word}
    return tuple(each for each in all_claims() if each.id in chosen)


def _fits(id: str, word: str) -> bool:
    return id == word or id.partition(".")[0] == word or fnmatch.fnmatchcase(id, word)


def _unknown(word: str) -> str:
    close = nearest(word, [each.id for each in all_claims()])
    hint = f" Did you mean {', '.join(close)}?" if close else " `gamedyn verify --list` shows all."
    return f"no claim is named {word!r}.{hint}"
