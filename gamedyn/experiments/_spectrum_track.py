"""SpectrumTrack: spectra of a game along a path, and the path angles to its end, as a table and plain values."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from gamedyn.dynamics import PathAngle
from gamedyn.experiments._spectrum_point import SpectrumPoint

__all__ = ["SpectrumTrack"]

_LEGEND = """\
residual   max |xi_i| / (|J_i| (1 + |z|)): how far from stationary, without units
Re, Im     of the eigenvalues of J; a negative real part repels, imaginary parts turn
rotation   share of |J|^2 in the antisymmetric part of J
H_i        least and greatest eigenvalue of player i's own Hessian"""


@dataclass(frozen=True)
class SpectrumTrack:
    """A game around points of a path, say a training, and the angle between its field and straight ways to the end.

    Parameters
    ----------
    dims : tuple of int
        Sizes of the players.
    points : tuple of SpectrumPoint
        In the order of their steps.
    angle : PathAngle or None
        Along the straight way from the first point to the last and beyond; None where they coincide.
    late_angle : PathAngle or None
        From the point in the middle of the list to the last; None for less than three points.
    diverged : bool
        Whether the training left the numbers: the last point is then its last finite one.
    """

    dims: tuple[int, ...]
    points: tuple[SpectrumPoint, ...]
    angle: PathAngle | None
    late_angle: PathAngle | None
    diverged: bool = False

    def point(self, step: int) -> SpectrumPoint:
        """The point after so many steps.

        Raises
        ------
        KeyError
            If there is none.
        """
        for each in self.points:
            if each.step == step:
                return each
        raise KeyError(f"no point at step {step}; there are {[each.step for each in self.points]}")

    def document(self) -> dict[str, Any]:
        """Plain values for JSON, unrounded; complex numbers as pairs, and None for what is not finite."""
        return {
            "schema": "gamedyn.spectrum-track/1",
            "dims": list(self.dims),
            "diverged": self.diverged,
            "points": [_point_document(each) for each in self.points],
            "angle": _angle_document(self.angle),
            "late_angle": _angle_document(self.late_angle),
        }

    def __str__(self) -> str:
        """One row for each point, then the path angles."""
        players = range(len(self.dims))
        titles = ["step", "residual", "least Re", "greatest Im", "rotation"] + [f"H_{i}" for i in players]
        rows = [titles] + [_cells(each) for each in self.points]
        widths = [max(len(row[k]) for row in rows) for k in range(len(titles))]
        lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
        first = self.points[0].step
        middle = self.points[len(self.points) // 2].step
        lines += [
            f"from step {step}: {angle}"
            for step, angle in ((first, self.angle), (middle, self.late_angle))
            if angle is not None
        ]
        if self.diverged:
            lines.append("the training diverged; the last row is its last finite point")
        if any(point.eigenvalue_residuals is not None for point in self.points):
            lines.append("eigenvalues are those found at the ends of a large game's spectrum")
        return "\n".join([*lines, "", _LEGEND])


def _cells(point: SpectrumPoint) -> list[str]:
    spread = f" +- {point.rotation_error:.1g}" if point.rotation_error > 0 else ""
    cells = [
        str(point.step),
        f"{point.residual:.2g}",
        f"{point.smallest_real:.4g}",
        f"{point.largest_imaginary:.4g}",
        f"{point.rotation:.3g}{spread}",
    ]
    return cells + [f"{ends.smallest:.3g} .. {ends.largest:.3g}" for ends in point.own]


def _point_document(point: SpectrumPoint) -> dict[str, Any]:
    residuals = point.eigenvalue_residuals
    return {
        "step": point.step,
        "eigenvalues": [[float(value.real), float(value.imag)] for value in point.eigenvalues],
        "eigenvalue_residuals": None if residuals is None else [float(value) for value in residuals],
        "own_hessians": [asdict(ends) for ends in point.own],
        "gradient_norms": list(point.gradient_norms),
        "curvature_deficits": list(point.curvature_deficits),
        "residual": _finite(point.residual),
        "rotation": _finite(point.rotation),
        "rotation_error": _finite(point.rotation_error),
    }


def _angle_document(angle: PathAngle | None) -> dict[str, Any] | None:
    if angle is None:
        return None
    return {
        "positions": angle.positions.tolist(),
        "cosine": angle.cosine.tolist(),
        "norm": angle.norm.tolist(),
        "switch": float(angle.switch),
        "bump": float(angle.bump),
        "shape": str(angle.shape),
        "threshold": angle.threshold,
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
