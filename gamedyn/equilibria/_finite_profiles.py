"""Mixed profiles of finite games, and the set of equilibria that an enumeration finds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy

from gamedyn.equilibria._exact_payoffs import Rational, expected

__all__ = ["FiniteEquilibria", "MixedProfile", "profile_of", "written"]


@dataclass(frozen=True)
class MixedProfile:
    """One mixed strategy for each of two players, in exact rationals.

    Parameters
    ----------
    exact : tuple of two tuples of Fraction
        Probabilities of the row player's and of the column player's actions.
    payoffs : tuple of two Fractions
        What both expect.

    Examples
    --------
    >>> print(MixedProfile(((Fraction(1, 2), Fraction(1, 2)), (Fraction(1), Fraction(0))), (Fraction(1), Fraction(3))))
    (1/2, 1/2) against (1, 0), payoffs 1 and 3
    """

    exact: tuple[tuple[Fraction, ...], tuple[Fraction, ...]]
    payoffs: tuple[Fraction, Fraction]

    @property
    def strategies(self) -> tuple[numpy.ndarray, numpy.ndarray]:
        """Both strategies as NumPy arrays of float64."""
        x, y = (numpy.array([float(p) for p in strategy]) for strategy in self.exact)
        return x, y

    @property
    def z(self) -> numpy.ndarray:
        """The joint point (x, y) of a `MatrixGame`."""
        return numpy.concatenate(self.strategies)

    @property
    def supports(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The actions that each player uses."""
        x, y = (tuple(i for i, p in enumerate(strategy) if p) for strategy in self.exact)
        return x, y

    def __str__(self) -> str:
        """Fractions, and the payoffs."""
        x, y = map(written, self.exact)
        return f"{x} against {y}, payoffs {_number(self.payoffs[0])} and {_number(self.payoffs[1])}"


def written(strategy: tuple[Fraction, ...]) -> str:
    """A strategy as text; fractions of more than eight digits in decimals.

    Parameters
    ----------
    strategy : tuple of Fraction
    """
    return f"({', '.join(map(_number, strategy))})"


def _number(value: Fraction) -> str:
    text = str(value)
    return text if len(text) <= 9 else f"{float(value):.6g}"


def profile_of(x: tuple[Fraction, ...], y: tuple[Fraction, ...], a: Rational, b: Rational) -> MixedProfile:
    """The profile with its payoffs.

    Parameters
    ----------
    x, y : tuples of Fraction
    a, b : list of lists of Fraction
        Payoffs.
    """
    return MixedProfile((x, y), (expected(x, a, y), expected(x, b, y)))


@dataclass(frozen=True)
class FiniteEquilibria:
    """The extreme Nash equilibria of a bimatrix game; of a nondegenerate game, all its equilibria.

    Parameters
    ----------
    profiles : tuple of MixedProfile
        By the sizes of their supports. Every equilibrium is a mixture of some that share a component.
    degenerate : bool
        Whether some mixed strategy has more pure best responses than actions in use.
    reason : str
        Such a strategy, or the empty text.
    components : tuple of tuples of int
        Indices of profiles that are joined by equilibria; more than one in a component mean a continuum.
    """

    profiles: tuple[MixedProfile, ...]
    degenerate: bool
    reason: str
    components: tuple[tuple[int, ...], ...]

    @property
    def infinite(self) -> bool:
        """Whether there is a continuum of equilibria."""
        return len(self.components) < len(self.profiles)

    def __len__(self) -> int:
        """The number of extreme equilibria."""
        return len(self.profiles)

    def __iter__(self) -> Iterator[MixedProfile]:
        """Over the profiles."""
        return iter(self.profiles)

    def __str__(self) -> str:
        """One line for every profile, and why the game is degenerate where it is."""
        kind = "extreme Nash equilibria" if self.degenerate else "Nash equilibria"
        if len(self) == 1:
            kind = kind.removesuffix("ia") + "ium"
        lines = [f"{len(self)} {kind}", *(f"  {profile}" for profile in self.profiles)]
        if self.degenerate:
            lines.append(f"degenerate: {self.reason}")
        for component in self.components:
            if len(component) > 1:
                lines.append(f"a continuum of equilibria joins numbers {', '.join(str(i + 1) for i in component)}")
        return "\n".join(lines)
