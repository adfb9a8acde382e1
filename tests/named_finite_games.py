"""The named finite games, one line each: (game, a point of the right size, no stationary point)."""

from gamedyn import games

FINITE_GAMES = [
    (games.matching_pennies(), [0.7, 0.3, 0.4, 0.6], [0.5] * 4),
    (games.jordan_matching_pennies(), [0.7, 0.3, 0.4, 0.6, 0.9, 0.1], [0.5] * 6),
    (games.rock_paper_scissors(0.5, -0.3), [0.2, 0.5, 0.3, 0.1, 0.8, 0.1], None),
    (games.shapley_game(), [0.2, 0.5, 0.3, 0.1, 0.8, 0.1], None),
    (games.prisoners_dilemma(), [0.7, 0.3, 0.4, 0.6], None),
    (games.stag_hunt(), [0.7, 0.3, 0.4, 0.6], None),
    (games.chicken(), [0.7, 0.3, 0.4, 0.6], None),
    (games.coordination_game(), [0.7, 0.3, 0.4, 0.6], None),
    (games.battle_of_the_sexes(), [0.7, 0.3, 0.4, 0.6], None),
    (games.blotto(2, 2), [0.2, 0.5, 0.3, 0.1, 0.8, 0.1], None),
    (games.congestion_game(10.0, 0.3), [0.7, 0.3, 0.4, 0.6], None),
    (games.KuhnPoker(), games.KuhnPoker().equilibrium(0.2).tolist(), None),
    (games.IteratedPrisonersDilemma(), [0.5, 1.0, -0.7, 0.3, -1.2, 0.1, 0.8, -0.4, 0.9, -2.0], None),
    (games.IteratedPrisonersDilemma(0.5, (3, 0, 5, 1)), [-0.5, 1.5, 0.7, 0.3, -1.2, 0.6, 0.8, -0.4, 0.9, 2.0], None),
]
