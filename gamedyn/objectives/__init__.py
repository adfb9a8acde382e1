"""GAN objectives: losses on critic outputs, optimal outputs, and the divergence that each minimises."""

from gamedyn.objectives._base import Objective

__all__ = ["Objective"]
