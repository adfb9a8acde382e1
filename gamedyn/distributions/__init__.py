"""Probability laws: log_prob, sample, score, cdf, icdf and moments."""

from gamedyn.distributions._base import Distribution

__all__ = ["Distribution"]
