"""Classification: what kind of point of a game a point is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn.numerics import Verdict

__all__ = ["Classification"]

_LINES = (
    ("stationary", "stationary"),
    ("differential Nash", "differential_nash"),
    ("local minimax", "local_minimax"),
    ("minimax if 1 leads", "_other_leader"),
    ("attracts the flow", "attracting"),
    ("strict saddle", "strict_saddle"),
    ("attracting, not Nash", "attracting_not_nash"),
    ("degenerate", "degenerate"),
)


@dataclass(frozen=True)
class Classification:
    """The verdicts on a batch of points; all arrays are NumPy's, on the host.

    Parameters
    ----------
    kind : str, or NumPy array of str for a batch
        One word: "nonstationary"; else the first of these that is proved: "nash", "minimax" (player 0 leading),
        "attractor" (attracting and not Nash), "saddle", "repeller"; else "marginal" (no Nash point, and the
        linearisation has eigenvalues on the imaginary axis within their error) or "undecided".
    residual : float or array
        max_i |xi_i| / (|J_i| (1 + |z|)), without units.
    stationary : Verdict
        xi = 0 within the tolerance.
    differential_nash : Verdict
        Every own Hessian is positive definite. Its margin is the smallest eigenvalue of the own Hessians.
    local_minimax : Verdict or None
        For two-player zero-sum games, player 0 leading: strict local minimax (differential Stackelberg). Its margin is
        the smallest eigenvalue of the Schur complement. None for other games.
    attracting : Verdict
        Every eigenvalue of J has a positive real part. Its margin is the smallest real part.
    strict_saddle : Verdict
        Some eigenvalue of J has a negative real part, so that the flow leaves from almost everywhere nearby.
    attracting_not_nash : Verdict
        Attracting, and no differential Nash equilibrium.
    degenerate : Verdict
        J is singular.
    eigenvalues : complex array, shape (..., d)
        Of J, sorted by real part; in games of more than 1000 coordinates the extreme ones that were found.
    stackelberg : pair of Verdict, or None
        Of two-player zero-sum games: whether the point is a differential Stackelberg equilibrium with player 0 leading,
        which is `local_minimax`, and with player 1 leading.
    eigenvalue_residuals : array, or None
        |J v - lambda v| for each of the eigenvalues of a large game and its unit vector v.
    """

    kind: Any
    residual: Any
    stationary: Verdict
    differential_nash: Verdict
    local_minimax: Verdict | None
    attracting: Verdict
    strict_saddle: Verdict
    attracting_not_nash: Verdict
    degenerate: Verdict
    eigenvalues: Any
    stackelberg: tuple[Verdict, Verdict] | None = None
    eigenvalue_residuals: Any = None

    @property
    def _other_leader(self) -> Verdict | None:
        return None if self.stackelberg is None else self.stackelberg[1]

    @property
    def is_undecided(self) -> Any:
        """Whether `kind` is "marginal" or "undecided" (an array for a batch)."""
        return (self.kind == "marginal") | (self.kind == "undecided")

    def document(self) -> dict[str, Any]:
        """One point's as plain values for JSON, unrounded; what is not finite becomes None."""
        names = [name for _, name in _LINES if not name.startswith("_")]
        verdicts = {name: _plain(verdict) for name in names if (verdict := getattr(self, name)) is not None}
        document: dict[str, Any] = {
            "kind": str(self.kind),
            "residual": _finite(self.residual),
            "verdicts": verdicts,
            "eigenvalues": [[float(value.real), float(value.imag)] for value in self.eigenvalues],
        }
        if self.stackelberg is not None:
            document["stackelberg"] = [_plain(verdict) for verdict in self.stackelberg]
        if self.eigenvalue_residuals is not None:
            document["eigenvalue_residuals"] = [_finite(residual) for residual in self.eigenvalue_residuals]
        return document

    def __str__(self) -> str:
        """A few lines: the kind, then each verdict with its reason; for a batch, how many points of each kind."""
        if not isinstance(self.kind, str):
            kinds, counts = numpy.unique(self.kind, return_counts=True)
            listed = ", ".join(f"{count} {kind}" for kind, count in zip(kinds, counts, strict=True))
            return f"{numpy.size(self.kind)} points: {listed}"
        lines = [self.kind]
        for title, name in _LINES:
            verdict = getattr(self, name)
            if verdict is not None:
                lines.append(f"  {title:<21}{verdict.answer:<10} {verdict.reason}")
        if numpy.size(self.eigenvalues):
            lines.append(f"  {'eigenvalues of J':<21}{_list_eigenvalues(self.eigenvalues)}")
        return "\n".join(lines)


def _plain(verdict: Verdict) -> dict[str, Any]:
    return {"answer": verdict.answer, "margin": _finite(verdict.margin), "reason": verdict.reason}


def _finite(number: Any) -> float | None:
    value = float(number)
    return value if abs(value) < float("inf") else None


def _list_eigenvalues(values: numpy.ndarray) -> str:
    shown = [f"{v.real:.6g}" if v.imag == 0 else f"{v.real:.6g}{v.imag:+.6g}i" for v in values]
    if len(shown) > 6:
        shown = [*shown[:3], f"... ({len(shown) - 6} more) ...", *shown[-3:]]
    return ", ".join(shown)
