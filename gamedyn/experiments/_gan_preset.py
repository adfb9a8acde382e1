"""GANPreset: an unfitted GAN with its data, its settings, where they come from, and the published figures beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from gamedyn.backend import as_generator
from gamedyn.data import digits
from gamedyn.distributions import Distribution
from gamedyn.models import GAN

__all__ = ["GANPreset", "PublishedRow", "drawn_rows", "labelled_digits", "plain_digits"]


class PublishedRow(NamedTuple):
    """One row of a published table.

    Parameters
    ----------
    method : str
    modes : float
        Modes captured, on average.
    high_quality : float
        Share of the samples within 3 deviations of a mode, from 0 to 1.
    reverse_kl : float or None
        As the paper calls it, in nats; None where it has none.
    runs : int
        That the averages are over.
    paper : str
    """

    method: str
    modes: float
    high_quality: float
    reverse_kl: float | None
    runs: int
    paper: str


@dataclass(frozen=True, eq=False)
class GANPreset:
    """What one published experiment, or one of our own, needs: fit `gan` on `data`.

    Parameters
    ----------
    name : str
    budget : str
        "short" or "full".
    gan : GAN
        Not fitted.
    target : Distribution or None
        The law of the data, where there is one.
    steps : int
        Of the generator, in this budget.
    full_steps : int
        In the full budget.
    source : str
        Where the settings were looked up, and what was not found.
    settings : mapping of str to str
        To print beside every figure.
    differences : tuple of str
        In what this budget is not the published experiment; () where nothing is known to differ.
    published : tuple of PublishedRow
    draw : callable
        draw(generator) -> (X, y), y None without labels.
    """

    name: str
    budget: str
    gan: GAN
    target: Distribution | None
    steps: int
    full_steps: int
    source: str
    settings: Mapping[str, str]
    differences: tuple[str, ...]
    published: tuple[PublishedRow, ...]
    draw: Callable[[Any], tuple[Any, Any]]

    def data(self, rng: Any = None) -> tuple[Any, Any]:
        """(X, y): rows to train on, and their labels or None.

        Parameters
        ----------
        rng : None, int or numpy.random.Generator
            For drawn data; digits are always the same.
        """
        return self.draw(as_generator(rng))

    def __str__(self) -> str:
        """Settings, source, differences and published rows, one per line."""
        lines = [f"{self.name} ({self.budget} budget)"]
        lines += [f"  {key:<14}{value}" for key, value in self.settings.items()]
        lines.append(f"  {'source':<14}{self.source}")
        lines += [f"  {'differs':<14}{difference}" for difference in self.differences]
        for row in self.published:
            kl = "" if row.reverse_kl is None else f", reverse KL {row.reverse_kl:g}"
            lines.append(
                f"  {'published':<14}{row.method}: {row.modes:g} modes, {row.high_quality:.1%} of high quality{kl}, "
                f"mean of {row.runs} runs ({row.paper})"
            )
        return "\n".join(lines)


def drawn_rows(target: Distribution, count: int) -> Callable[[Any], tuple[Any, None]]:
    """draw(generator) -> (count rows of the target, None).

    Parameters
    ----------
    target : Distribution
    count : int
    """

    def draw(rng: Any) -> tuple[Any, None]:
        return target.sample(count, rng=rng), None

    return draw


def plain_digits(rng: Any) -> tuple[Any, None]:
    """The 1,797 digits without labels.

    Parameters
    ----------
    rng : Generator
        Not used.
    """
    return digits().X, None


def labelled_digits(rng: Any) -> tuple[Any, Any]:
    """The 1,797 digits and their labels.

    Parameters
    ----------
    rng : Generator
        Not used.
    """
    found = digits()
    return found.X, found.y
