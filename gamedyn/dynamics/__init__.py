"""Simulation of games under update rules, and what is read off trajectories.

===================  =============================================================="""

from gamedyn.dynamics._behaviour import Behaviour
from gamedyn.dynamics._divergence_track import DivergenceTrack, track_divergences
from gamedyn.dynamics._fields import best_response_field, modified_field, replicator_field
from gamedyn.dynamics._flow import flow
from gamedyn.dynamics._observables import DistanceTo
from gamedyn.dynamics._rate import fit_rate
from gamedyn.dynamics._simulate import simulate
from gamedyn.dynamics._trajectory import Status, Trajectory

__all__ = [
    "Behaviour",
    "DistanceTo",
    "DivergenceTrack",
    "Status",
    "Trajectory",
    "best_response_field",
    "fit_rate",
    "flow",
    "modified_field",
    "replicator_field",
    "simulate",
    "track_divergences",
]
