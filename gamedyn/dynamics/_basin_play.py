"""Many trajectories, played until they rest, diverge, are caught near a known limit, or their budget is spent."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy

from gamedyn.backend import to_host
from gamedyn.dynamics._engine import compiles
from gamedyn.dynamics._simulate import simulate
from gamedyn.dynamics._state import leaves_of, map_leaves
from gamedyn.dynamics._trajectory import Status
from gamedyn.games import Game
from gamedyn.updates import UpdateRule

__all__ = ["Ends", "Player"]

# Trajectories played together: their arrays fit a core's cache.
_BLOCK = 16384
_FIRST_ROUND = 64


class Ends(NamedTuple):
    """Where trajectories ended."""

    states: Any
    """(n, D): [z, memories]."""
    status: Any
    """(n,): `Status`."""
    stop: Any
    """(n,): steps made."""
    caught: Any
    """(n,): index of the limit by which they were caught, or -2."""


class Player:
    """What is the same for all trajectories."""

    def __init__(
        self, game: Game, rule: UpdateRule, steps: int, tolerance: float, max_norm: float, workers: int, count: int
    ) -> None:
        self.game, self.rule, self.steps, self.workers = game, rule, steps, workers
        self.options: dict[str, Any] = {"tolerance": tolerance, "max_norm": max_norm}
        # Every round is short, all of them are not.
        self.options["engine"] = "c" if compiles(game, rule, min(count, _BLOCK), steps) else "auto"

    def play(self, starts: numpy.ndarray, catchers: list[Any]) -> Ends:
        """All starts (n, d); `catchers` are neighbourhoods with `holds`, or None, by the index of their limits."""
        firsts = range(0, len(starts), _BLOCK)
        blocks = [starts[first : first + _BLOCK] for first in firsts]
        if self.workers > 1 and len(blocks) > 1:
            with ThreadPoolExecutor(self.workers) as pool:
                parts = list(pool.map(lambda block: self._block(block, catchers), blocks))
        else:
            parts = [self._block(block, catchers) for block in blocks]
        return Ends(*(numpy.concatenate(part) for part in zip(*parts, strict=True)))

    def _block(self, starts: numpy.ndarray, catchers: list[Any]) -> Ends:
        n, states = len(starts), None
        status, stop = numpy.full(n, int(Status.MAX_STEPS)), numpy.full(n, self.steps)
        caught = numpy.full(n, -2)
        moving, z, memory, step = numpy.arange(n), starts, None, 0
        length = _FIRST_ROUND if any(catcher is not None for catcher in catchers) else self.steps
        while step < self.steps and len(moving):
            length = min(length, self.steps - step)
            z, memory, ended, own = self._round(z, memory, length)
            now = numpy.concatenate([z, *(leaf.reshape(len(z), -1) for leaf in leaves_of(memory))], axis=-1)
            if states is None:
                states = numpy.empty((n, now.shape[-1]))
            states[moving], status[moving] = now, ended
            still = ended == Status.MAX_STEPS
            stop[moving] = step + own
            step, length = step + length, max(length, step + length)
            for label, catcher in enumerate(catchers):
                if catcher is not None and still.any():
                    inside = numpy.flatnonzero(still)
                    inside = inside[catcher.holds(now[inside])]
                    caught[moving[inside]], still[inside] = label, False
            moving, z = moving[still], z[still]
            memory = map_leaves(lambda leaf, keep=still: leaf[keep], memory)
        return Ends(states, status, stop, caught)

    def _round(self, z: numpy.ndarray, memory: Any, length: int) -> tuple[Any, Any, Any, Any]:
        options = {**self.options, "record_every": length, "record_points": False, "state": memory}
        try:
            path = simulate(self.game, self.rule, z, length, **options)
        except ValueError:
            if self.options["engine"] == "auto":
                raise
            # The formula does not compile.
            self.options["engine"] = "auto"
            path = simulate(self.game, self.rule, z, length, **{**options, "engine": "auto"})
        return to_host(path.final), map_leaves(to_host, path.final_state), path.status, path.stop_step
