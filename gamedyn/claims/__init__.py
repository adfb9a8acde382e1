"""Theorems as experiments: each claim with its source, prediction, measurement and negative control."""

from gamedyn.claims._base import Claim, Evidence

__all__ = ["Claim", "Evidence"]
