"""ClaimResult and VerifyResult: what a run of the claims found, as data."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

__all__ = ["ClaimResult", "VerifyResult"]

_SCHEMA = "gamedyn.verify/1"


@dataclass(frozen=True)
class ClaimResult:
    """One claim, measured: the worst of its drawn instances.

    Parameters
    ----------
    id, statement, source, relation, expected : str
        As in `Claim`.
    group : str
        The heading under which it stands.
    verdict : str
        "holds"; "refuted" for a claim that is kept because it is false; "fails" where the outcome is not the expected
        one, or where the negative control was not refuted; "undecided" where no number could be judged.
    predicted, measured, tolerance : float
        Of the entry that decided.
    tolerance_source : str
        Where the tolerance comes from.
    violation : float
        How far the relation is broken, in tolerances; <= 1 confirms.
    control : str
        "refuted" as it must be, else "not refuted" or "undecided".
    case : int
        Which drawn instance decided.
    seconds : float
        Time for all instances and their controls.
    reason : str
        For a verdict that is not as expected, one sentence; else empty.
    """

    id: str
    group: str
    statement: str
    source: str
    relation: str
    expected: str
    verdict: str
    predicted: float
    measured: float
    tolerance: float
    tolerance_source: str
    violation: float
    control: str
    case: int
    seconds: float
    reason: str = ""


@dataclass(frozen=True)
class VerifyResult:
    """The outcome of `verify`: one `ClaimResult` per claim.

    Printing it shows the table. It iterates over its rows, and ``result["gan.value-identity"]`` is one of them.

    Parameters
    ----------
    rows : tuple of ClaimResult
        In the order of the table.
    seed, cases : int
        What was asked for.
    full : bool
        Whether the longer claims were included.
    seconds : float
        Wall time.
    versions : dict
        Of gamedyn, Python and the numerical packages.
    """

    rows: tuple[ClaimResult, ...]
    seed: int
    cases: int
    full: bool
    seconds: float
    versions: dict[str, str]

    @property
    def counts(self) -> dict[str, int]:
        """How many claims have each verdict."""
        found = Counter(row.verdict for row in self.rows)
        return {verdict: found[verdict] for verdict in ("holds", "refuted", "fails", "undecided")}

    @property
    def as_expected(self) -> bool:
        """Whether every claim came out as expected, its negative control included."""
        return all(row.verdict == row.expected for row in self.rows)

    def __iter__(self) -> Iterator[ClaimResult]:
        """The rows in order."""
        return iter(self.rows)

    def __len__(self) -> int:
        """The number of claims that were run."""
        return len(self.rows)

    def __getitem__(self, id: str) -> ClaimResult:
        """The row of the claim named `id`."""
        for row in self.rows:
            if row.id == id:
                return row
        raise KeyError(id)

    def __str__(self) -> str:
        """The table."""
        from gamedyn.claims._table import format_table

        return format_table(self)

    def reproduce(self, id: str) -> str:
        """The shell command that runs the claim named `id` again on the same instances."""
        return f"gamedyn verify {id} --seed {self.seed}" + (f" --cases {self.cases}" if self.cases != 1 else "")

    def to_dict(self) -> dict[str, Any]:
        """The document that ``gamedyn verify --json`` prints: plain values, numbers unrounded.

        JSON has no infinities and no nan: they become the strings "Infinity", "-Infinity" and "NaN".
        """
        return {
            "schema": _SCHEMA,
            "seed": self.seed,
            "cases": self.cases,
            "full": self.full,
            "seconds": self.seconds,
            "versions": dict(self.versions),
            "counts": self.counts,
            "claims": [
                {field.name: _plain(getattr(row, field.name)) for field in fields(row)}
                | {"reproduce": self.reproduce(row.id)}
                for row in self.rows
            ],
        }


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
