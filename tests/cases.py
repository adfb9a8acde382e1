"""Every member of every family, one line each: laws run over these lists, and a house test finds what is missing."""

# One line each: an instance, or several where one parameter changes the formula.
DISTRIBUTIONS = []

DIVERGENCES = []

OBJECTIVES = []

# (game, a point of the right size and, where one is known, a stationary point)
GAMES = []

RULES = []

# (layer, input shape without the batch axis)
LAYERS = []
