"""Experiments: comparisons of samples, and of update rules on games; published GAN experiments.

===============  ==================================================================================
name             what it does
===============  ==================================================================================
compare_samples  KL, JS, W_1, sliced W_1 and energy distance of two samples
Comparison       its figures and what a reader must know
Figure           one number with its error, interval, method and sentence
compare_rules    each rule at its best step size: cost, and where the starts end
RuleComparison   its tables, shares, performance profile and JSON document
PairResult       one game under one rule
ReachedPoint     a stationary point that was given or reached, and its kind
inspect_gan      a trained GAN: spectrum, classification, distance to Nash, divergences to the data
GANInspection    its figures, and plain sentences on what they mean
gan_preset       a published GAN experiment by its name, of `GAN_PRESETS`
GANPreset        its unfitted GAN, data, settings, source and published figures
PublishedRow     one row of a published table
track_spectrum   spectra of a GAN's game before, during and after its training
spectrum_along   the same at points of any game: eigenvalues, own Hessians, path angle
SpectrumTrack    what they found, as a table and a JSON document
SpectrumPoint    one point of it
OwnHessianEnds   least and greatest eigenvalue of a player's own Hessian, with residuals
===============  ==================================================================================
"""

from gamedyn.experiments._compare import Comparison, compare_samples
from gamedyn.experiments._compare_rules import compare_rules
from gamedyn.experiments._figures import Figure
from gamedyn.experiments._gan_inspection import GANInspection
from gamedyn.experiments._gan_preset import GANPreset, PublishedRow
from gamedyn.experiments._gan_presets import GAN_PRESETS, gan_preset
from gamedyn.experiments._inspect_gan import inspect_gan
from gamedyn.experiments._rule_comparison import ReachedPoint, RuleComparison
from gamedyn.experiments._rule_pair import PairResult
from gamedyn.experiments._spectrum_point import OwnHessianEnds, SpectrumPoint
from gamedyn.experiments._spectrum_track import SpectrumTrack
from gamedyn.experiments._track_spectrum import spectrum_along, track_spectrum

__all__ = [
    "GAN_PRESETS",
    "Comparison",
    "Figure",
    "GANInspection",
    "GANPreset",
    "OwnHessianEnds",
    "PairResult",
    "PublishedRow",
    "ReachedPoint",
    "RuleComparison",
    "SpectrumPoint",
    "SpectrumTrack",
    "compare_rules",
    "compare_samples",
    "gan_preset",
    "inspect_gan",
    "spectrum_along",
    "track_spectrum",
]
