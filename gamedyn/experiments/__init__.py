"""Experiments: comparisons of samples.

===============  ===================================================================
name             what it does
===============  ===================================================================
compare_samples  KL, JS, W_1, sliced W_1 and energy distance of two samples
Comparison       its figures and what a reader must know
Figure           one number with its error, interval, method and sentence
===============  ===================================================================
"""

from gamedyn.experiments._compare import Comparison, compare_samples
from gamedyn.experiments._figures import Figure

__all__ = ["Comparison", "Figure", "compare_samples"]
