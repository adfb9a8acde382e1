"""Which games are played on simplices, one or several for each player."""

import pytest

from gamedyn.games import Box, Product, Quadratic, Simplex, on_simplices


def game_on(domain, dims):
    d = sum(dims)
    game = Quadratic([[[0.0] * d] * d] * len(dims), dims)
    game.domain = domain
    return game


@pytest.mark.parametrize(
    ("sizes", "dims", "one", "several"),
    [
        ((2, 3), (2, 3), True, True),
        ((2, 1, 2), (2, 3), False, True),
        # A simplex that spans two players belongs to none.
        ((3, 2), (2, 3), False, False),
        # A simplex more than the players have coordinates.
        ((2, 3, 2), (2, 3), False, False),
        ((2, 2), (4,), False, True),
    ],
)
def test_simplices_are_counted_by_player(sizes, dims, one, several):
    game = game_on(Product([Simplex()] * len(sizes), sizes), dims)
    assert on_simplices(game) is one
    assert on_simplices(game, several=True) is several


def test_a_simplex_without_a_product_is_one_players():
    assert on_simplices(game_on(Simplex(), (3,)))
    assert on_simplices(game_on(Simplex(), (3,)), several=True)
    assert not on_simplices(game_on(Simplex(), (1, 2)))
    assert not on_simplices(game_on(Product([Simplex(), Box(0.0, 1.0)], (2, 1)), (2, 1)), several=True)
