"""Picture: one figure of a report, with its words."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Picture"]


@dataclass(frozen=True)
class Picture:
    """One figure of a report.

    Parameters
    ----------
    title, caption : str
        What it shows, and what to see in it.
    alt : str
        One sentence for readers who do not see it.
    uri : str
        The image itself, as a data URI.
    """

    title: str
    caption: str
    alt: str
    uri: str
