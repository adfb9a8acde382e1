"""Simulation of games under update rules, and what is read off trajectories."""

from gamedyn.dynamics._trajectory import Status, Trajectory

__all__ = ["Status", "Trajectory"]
