import numpy
import pytest
import sympy

from gamedyn.equilibria import classify
from gamedyn.games import bertrand, cournot


def profits(game, z):
    return -game.losses(numpy.asarray(z, float))


def test_cournot_losses_are_minus_the_profits():
    # Price 100 - 50 = 50: (50 - 5) 20 and (50 - 2) 30.
    assert profits(cournot(), [20.0, 30.0]).tolist() == [900.0, 1440.0]
    # Price 100 - 2 * 6 = 88.
    assert profits(cournot((1.0, 2.0, 3.0), slope=2.0), [1.0, 2.0, 3.0]).tolist() == [87.0, 172.0, 255.0]


def test_bertrand_losses_are_minus_the_profits_up_to_a_constant():
    # (p_i - 2) (10 - 2 p_i + p_j); the constant -a c_i = -20 is left out, as losses are known up to one.
    z = [4.0, 5.0]
    expected = [(4 - 2) * (10 - 8 + 5), (5 - 2) * (10 - 10 + 4)]
    assert (profits(bertrand(), z) - 20).tolist() == expected


@pytest.mark.parametrize("costs", [(5.0, 2.0), (1.0, 4.0, 2.5, 3.0)])
def test_cournot_equilibrium_is_a_fixed_point_of_best_replies(costs):
    n = len(costs)
    q = sympy.symbols(f"q:{n}")
    conditions = [sympy.diff((100 - 2 * sum(q) - sympy.Rational(c)) * q[i], q[i]) for i, c in enumerate(costs)]
    solution = sympy.solve(conditions, q)
    expected = [float(solution[each]) for each in q]
    game = cournot(costs, slope=2.0)
    assert numpy.abs(game.simultaneous_gradient(numpy.array(expected))).max() < 1e-12
    assert classify(game, expected).kind == "nash"
    eigenvalues = numpy.sort(numpy.linalg.eigvalsh(game.jacobian(numpy.array(expected))))
    numpy.testing.assert_allclose(eigenvalues, [2.0] * (n - 1) + [2.0 * (n + 1)], rtol=1e-12)


def test_quantities_and_prices_are_not_negative():
    for game in (cournot(), bertrand()):
        assert game.domain.project(numpy.array([-1.0, 2.0])).tolist() == [0.0, 2.0]


def test_bad_input():
    with pytest.raises(ValueError, match="`slope` must be positive and finite, got 0"):
        cournot(slope=0)
    with pytest.raises(ValueError, match=r"`costs` must hold one finite number for each firm, got 3\.0"):
        bertrand(3.0)
    with pytest.raises(ValueError, match="`costs` must hold one finite number for each firm"):
        cournot((1.0, float("nan")))
