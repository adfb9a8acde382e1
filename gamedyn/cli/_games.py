"""The games that go by name on the command line: what makes each, with what."""

from __future__ import annotations

from typing import Any

__all__ = ["GAMES", "GROUPS"]

# Name -> (class or function of `games`, its arguments, its keyword arguments). A word among the
# arguments is an objective's class. Nothing is imported here: `--help` and mended names need the keys only.
_Entry = tuple[str, tuple[Any, ...], dict[str, Any]]

_BASIC: dict[str, _Entry] = {
    "bilinear": ("Bilinear", ([[1.0]],), {}),
    "random-quadratic-game": ("random_quadratic_game", (), {"rng": 0}),
    "random-monotone-game": ("random_monotone_game", ((1, 1),), {"rng": 0}),
    "hidden-bilinear": ("HiddenBilinear", ([[4.0]], [-2.0], [-1.0]), {}),
    "dirac-gan": ("DiracGAN", ("Minimax",), {}),
    "dirac-gan-nonsaturating": ("DiracGAN", ("NonSaturating",), {}),
    "dirac-gan-wasserstein": ("DiracGAN", ("Wasserstein",), {}),
    "dirac-gan-least-squares": ("DiracGAN", ("LeastSquares",), {}),
    "dirac-gan-hinge": ("DiracGAN", ("Hinge",), {}),
    "lq-gan": ("LQGAN", (), {}),
    "gaussian-gan": ("GaussianGAN", (), {}),
    "mean-wgan": ("mean_wgan", (), {"mean": (1.0, -1.0)}),
    "covariance-wgan": ("CovarianceWGAN", ([[2.0, 0.5], [0.5, 1.0]],), {"rank": 1}),
}

_PLANAR: dict[str, _Entry] = {
    name: (name.replace("-", "_"), (), {})
    for name in (
        "adolphs-game",
        "almost-bilinear",
        "daskalakis-center",
        "daskalakis-minimax",
        "forsaken",
        "four-player-weak-attractor",
        "global-forsaken",
        "grimmer-quartic",
        "hamiltonian-game",
        "jin-minimax",
        "jin-no-local-minimax",
        "jin-nonstationary-minimax",
        "letcher-game",
        "market-game",
        "maximum-trap",
        "mazumdar-polynomial",
        "mertikopoulos-game",
        "polar-game",
        "potential-saddle",
        "rosca-rotation",
        "strongly-monotone-game",
        "tandem",
        "torus-location-game",
        "two-sided-pl",
        "wang-local-minimax",
        "wang-sixth-order",
        "wang-spurious-attractor",
        "weak-attractor",
    )
}

_FINITE: dict[str, _Entry] = {
    "battle-of-the-sexes": ("battle_of_the_sexes", (), {}),
    "blotto": ("blotto", (), {}),
    "chicken": ("chicken", (), {}),
    "congestion-game": ("congestion_game", (), {"a": 10.0}),
    "coordination-game": ("coordination_game", (), {}),
    "iterated-prisoners-dilemma": ("IteratedPrisonersDilemma", (), {}),
    "jordan-matching-pennies": ("jordan_matching_pennies", (), {}),
    "kuhn-poker": ("KuhnPoker", (), {}),
    "matching-pennies": ("matching_pennies", (), {}),
    "prisoners-dilemma": ("prisoners_dilemma", (), {}),
    "rock-paper-scissors": ("rock_paper_scissors", (), {}),
    "shapley-game": ("shapley_game", (), {}),
    "stag-hunt": ("stag_hunt", (), {}),
}

_ROWS, _TARGET = [[1.0, -0.5], [0.3, 2.0], [-1.0, 0.7]], [1.0, 0.5, -2.0]
_ECONOMIC: dict[str, _Entry] = {
    "bertrand": ("bertrand", (), {}),
    "cournot": ("cournot", (), {}),
    "kelly-auction": ("KellyAuction", (), {}),
    "linear-quadratic-game": (
        "LinearQuadraticGame",
        ([[0.4, 0.2], [0.1, 0.3]], [[0.1], [0.3]], [[0.3], [0.1]]),
        {"y_cost": [[5.0]]},
    ),
    "public-goods": ("PublicGoods", (), {}),
    "robust-least-squares": ("robust_least_squares", (_ROWS, _TARGET), {"penalty": 2.0}),
    "robust-regression": ("RobustRegression", (_ROWS, _TARGET), {"penalty": 4.0}),
    "tullock-contest": ("TullockContest", (), {}),
}

GROUPS = {
    "small games and GANs": _BASIC,
    "named games: f of min over x, max over y; or losses; or the field xi": _PLANAR,
    "finite games: payoffs": _FINITE,
    "economics, regression, control": _ECONOMIC,
}
"""Heading -> games, as `--list` shows them."""

GAMES: dict[str, _Entry] = {name: entry for group in GROUPS.values() for name, entry in group.items()}
"""All of them."""
