"""Kuhn's poker with three cards, in sequence form and as a matrix of pure strategies."""

from __future__ import annotations

from itertools import permutations, product

import numpy

from gamedyn._checks import check_choice, check_in_interval
from gamedyn.games._bilinear import Bilinear
from gamedyn.games._matrix_game import MatrixGame
from gamedyn.games._product import Product
from gamedyn.games._simplex import Simplex

__all__ = ["KuhnPoker"]

_SIZES = ((3, 3, 3), (2, 2, 2, 2, 2, 2))


def _payoffs() -> numpy.ndarray:
    """(9, 12): U with x^T U y the first player's expected win, each deal having the probability 1/6."""
    table = numpy.zeros((9, 12))
    for mine, yours in permutations(range(3), 2):
        won = 1.0 if mine > yours else -1.0
        bet, check_fold, check_call = 3 * mine, 3 * mine + 1, 3 * mine + 2
        checked, raised, folded, called = (4 * yours + k for k in range(4))
        table[bet, folded] += 1.0
        table[bet, called] += 2.0 * won
        for checking, after_a_bet in ((check_fold, -1.0), (check_call, 2.0 * won)):
            table[checking, checked] += won
            table[checking, raised] += after_a_bet
    return table / 6.0


class KuhnPoker(Bilinear):
    """Kuhn's poker in sequence form: losses -x^T U y and x^T U y, bilinear on a product of simplices.

    Each player antes 1 and gets one of the cards jack, queen, king. The first checks or bets 1; after a bet the second
    folds or calls; after a check the second checks or bets 1, and then the first folds or calls. x has three simplices,
    one for each card: bet, check and fold, check and call. y has two for each card: check or bet after a check, fold or
    call after a bet. These are all realization plans, so that the domain is the game's sequence-form polytope.

    The value is -1/18 for the first player. The optimal x form the family of `equilibrium`; the optimal y is unique.

    References
    ----------
    Kuhn (1950), A simplified two-person poker. Koller, Megiddo, von Stengel (1996), Efficient computation of equilibria
    for extensive two-person games.

    Examples
    --------
    >>> game = KuhnPoker()
    >>> [round(18 * loss, 12) for loss in game.losses(game.equilibrium(0.25)).tolist()]
    [1.0, -1.0]
    """

    def __init__(self) -> None:
        super().__init__(-_payoffs())
        sizes = (*_SIZES[0], *_SIZES[1])
        self.domain = Product([Simplex()] * len(sizes), sizes)

    def __repr__(self) -> str:
        return "KuhnPoker()"

    def equilibrium(self, alpha: float = 0.0) -> numpy.ndarray:
        """(21,): the Nash equilibrium in which the first player bets with probability alpha on a jack.

        Parameters
        ----------
        alpha : float in [0, 1/3]
            A queen is checked and then called with probability alpha + 1/3, a king is bet with 3 alpha. The second
            player bluffs with 1/3 on a jack, calls with 1/3 on a queen, and always bets and calls with the king.

        Raises
        ------
        TypeError, ValueError
            If alpha is no number of the interval.
        """
        check_in_interval("alpha", alpha, 0, 1 / 3)
        x = [alpha, 1 - alpha, 0, 0, 2 / 3 - alpha, 1 / 3 + alpha, 3 * alpha, 0, 1 - 3 * alpha]
        y = [2 / 3, 1 / 3, 1, 0, 1, 0, 2 / 3, 1 / 3, 0, 1, 0, 1]
        return numpy.array(x + y, dtype=float)

    def pure_strategies(self, player: int) -> numpy.ndarray:
        """The player's pure strategies as rows of realization plans: (27, 9) for player 0, (64, 12) for player 1.

        Parameters
        ----------
        player : {0, 1}

        Raises
        ------
        ValueError
            If there is no such player.
        """
        check_choice("player", player, (0, 1))
        choices = product(*(numpy.eye(size) for size in _SIZES[player]))
        return numpy.array([numpy.concatenate(choice) for choice in choices])

    def matrix_game(self) -> MatrixGame:
        """The game with the 27 x 64 payoffs of all pairs of `pure_strategies`."""
        return MatrixGame(self.pure_strategies(0) @ _payoffs() @ self.pure_strategies(1).T)
