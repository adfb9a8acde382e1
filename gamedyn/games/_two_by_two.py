"""The classic games of two players with two actions: dilemmas and problems of coordination."""

from __future__ import annotations

from gamedyn._checks import check_positive
from gamedyn.games._base import named
from gamedyn.games._matrix_game import MatrixGame

__all__ = ["battle_of_the_sexes", "chicken", "coordination_game", "prisoners_dilemma", "stag_hunt"]


def _symmetric(reward: float, sucker: float, temptation: float, punishment: float) -> MatrixGame:
    """Payoffs [[R, S], [T, P]] of the row player, and the transpose of the column player."""
    return MatrixGame([[reward, sucker], [temptation, punishment]], [[reward, temptation], [sucker, punishment]])


def prisoners_dilemma(
    temptation: float = 5.0, reward: float = 3.0, punishment: float = 1.0, sucker: float = 0.0
) -> MatrixGame:
    """Actions cooperate, defect: defecting always pays more, and both defecting pays less than both cooperating.

    (Defect, defect) is the only Nash equilibrium, and strict.

    Parameters
    ----------
    temptation, reward, punishment, sucker : float
        Payoffs of defecting against cooperation, of mutual cooperation, of mutual defection and of cooperating against
        defection, in falling order.

    Raises
    ------
    ValueError
        If temptation > reward > punishment > sucker does not hold.

    Examples
    --------
    >>> prisoners_dilemma().A.tolist()
    [[3.0, 0.0], [5.0, 1.0]]
    """
    if not temptation > reward > punishment > sucker:
        raise ValueError(
            "Payoffs must satisfy `temptation` > `reward` > `punishment` > `sucker`, "
            f"got {temptation}, {reward}, {punishment}, {sucker}."
        )
    game = _symmetric(reward, sucker, temptation, punishment)
    return named(game, "prisoners_dilemma", temptation=temptation, reward=reward, punishment=punishment, sucker=sucker)


def stag_hunt(reward: float = 4.0, temptation: float = 3.0, punishment: float = 3.0, sucker: float = 0.0) -> MatrixGame:
    """Actions stag, hare: the stag takes both hunters, a hare only one.

    (Stag, stag) and (hare, hare) are strict Nash equilibria; a third one plays stag with probability
    (P - S) / (R - S - T + P), which is 3/4 by default.

    Parameters
    ----------
    reward, temptation, punishment, sucker : float
        Payoffs of stag together, of hare against stag, of hare against hare and of stag alone.

    Raises
    ------
    ValueError
        If reward > temptation >= punishment > sucker does not hold.

    Examples
    --------
    >>> stag_hunt().A.tolist()
    [[4.0, 0.0], [3.0, 3.0]]
    """
    if not reward > temptation >= punishment > sucker:
        raise ValueError(
            "Payoffs must satisfy `reward` > `temptation` >= `punishment` > `sucker`, "
            f"got {reward}, {temptation}, {punishment}, {sucker}."
        )
    game = _symmetric(reward, sucker, temptation, punishment)
    return named(game, "stag_hunt", reward=reward, temptation=temptation, punishment=punishment, sucker=sucker)


def chicken(temptation: float = 7.0, reward: float = 6.0, sucker: float = 2.0, punishment: float = 0.0) -> MatrixGame:
    """Actions swerve, dare: daring pays against a swerver, and is the worst against another who dares.

    (Dare, swerve) and (swerve, dare) are strict Nash equilibria; a third one swerves with probability
    (P - S) / (R - S - T + P), which is 2/3 by default.

    Parameters
    ----------
    temptation, reward, sucker, punishment : float
        Payoffs of daring against a swerver, of swerving together, of swerving alone and of daring together, in falling
        order.

    Raises
    ------
    ValueError
        If temptation > reward > sucker > punishment does not hold.

    References
    ----------
    Aumann (1974), Subjectivity and correlation in randomized strategies.

    Examples
    --------
    >>> chicken().A.tolist()
    [[6.0, 2.0], [7.0, 0.0]]
    """
    if not temptation > reward > sucker > punishment:
        raise ValueError(
            "Payoffs must satisfy `temptation` > `reward` > `sucker` > `punishment`, "
            f"got {temptation}, {reward}, {sucker}, {punishment}."
        )
    game = _symmetric(reward, sucker, temptation, punishment)
    return named(game, "chicken", temptation=temptation, reward=reward, sucker=sucker, punishment=punishment)


def coordination_game(first: float = 1.0, second: float = 1.0) -> MatrixGame:
    """Both get `first` for both taking the first action, `second` for both taking the second, and 0 otherwise.

    The two agreements are strict Nash equilibria; in the third one both take the first action with probability
    second / (first + second).

    Parameters
    ----------
    first, second : float
        Positive payoffs.

    Raises
    ------
    ValueError
        If a payoff is not positive.

    Examples
    --------
    >>> coordination_game(2.0, 1.0).B.tolist()
    [[2.0, 0.0], [0.0, 1.0]]
    """
    check_positive("first", first)
    check_positive("second", second)
    return named(_symmetric(first, 0.0, 0.0, second), "coordination_game", first=first, second=second)


def battle_of_the_sexes(favourite: float = 2.0, other: float = 1.0) -> MatrixGame:
    """Both want to be together, the row player at the first place, the column player at the second.

    The two meetings are strict Nash equilibria; in the third one everybody goes to their own favourite with probability
    favourite / (favourite + other), and both get less than at either meeting.

    Parameters
    ----------
    favourite, other : float
        Payoffs of meeting at one's favourite place and at the other, favourite > other > 0; 0 for not meeting.

    Raises
    ------
    ValueError
        If favourite > other > 0 does not hold.

    Examples
    --------
    >>> battle_of_the_sexes().B.tolist()
    [[1.0, 0.0], [0.0, 2.0]]
    """
    if not favourite > other > 0:
        raise ValueError(f"Payoffs must satisfy `favourite` > `other` > 0, got {favourite}, {other}.")
    game = MatrixGame([[favourite, 0.0], [0.0, other]], [[other, 0.0], [0.0, favourite]])
    return named(game, "battle_of_the_sexes", favourite=favourite, other=other)
