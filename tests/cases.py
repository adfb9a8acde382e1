"""Every member of every family, one line each: laws run over these lists, and a house test finds what is missing."""

from gamedyn import nn, objectives

# One line each: an instance, or several where one parameter changes the formula.
DISTRIBUTIONS = []

DIVERGENCES = []

OBJECTIVES = [
    objectives.Minimax(),
    objectives.NonSaturating(),
    objectives.Wasserstein(),
    objectives.LeastSquares(),
    objectives.LeastSquares(real_label=1.0, fake_label=-1.0, generator_target=0.0),
]

# (game, a point of the right size and, where one is known, a stationary point)
GAMES = []

RULES = []

# (layer, input shape without the batch axis)
LAYERS = [
    (nn.Dense(3, 2), (3,)),
    (nn.Dense(2, 4, bias=False, initializer="he"), (2,)),
    (nn.Tanh(), (3,)),
    (nn.ReLU(), (3,)),
    (nn.Softplus(), (3,)),
    (nn.Sequential((nn.Dense(3, 4), nn.Tanh(), nn.Dense(4, 3), nn.Softplus(), nn.Dense(3, 2), nn.ReLU())), (3,)),
]
