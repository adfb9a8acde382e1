"""Layers with hand-written forward, backward, jvp and backward_jvp."""

from gamedyn.nn._base import Layer

__all__ = ["Layer"]
