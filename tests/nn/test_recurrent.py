"""Recurrent and its cells: the equations written out, sample by sample and unit by unit."""

import math

import numpy
import pytest

from gamedyn.nn import Dense, ElmanCell, GRUCell, LSTMCell, Recurrent


def logistic(x):
    return 1 / (1 + math.exp(-x))


def rows_of(weight, bias, u):
    return [sum(u[i] * weight[i][j] for i in range(len(u))) + bias[j] for j in range(len(bias))]


def elman(params, x, state):
    h = [math.tanh(a) for a in rows_of(*params, [*x, *state])]
    return h, h


def lstm(params, x, state):
    n = len(state) // 2
    h, c = state[:n], state[n:]
    a = rows_of(*params, [*x, *h])
    i, f, o = ([logistic(a[k * n + j]) for j in range(n)] for k in (0, 1, 3))
    g = [math.tanh(a[2 * n + j]) for j in range(n)]
    c = [f[j] * c[j] + i[j] * g[j] for j in range(n)]
    h = [o[j] * math.tanh(c[j]) for j in range(n)]
    return h, [*h, *c]


def gru(params, x, state):
    n = len(state)
    a = rows_of(*params[:2], [*x, *state])
    r, z = [logistic(b) for b in a[:n]], [logistic(b) for b in a[n:]]
    new = [math.tanh(b) for b in rows_of(*params[2:], [*x, *(r[j] * state[j] for j in range(n))])]
    h = [z[j] * state[j] + (1 - z[j]) * new[j] for j in range(n)]
    return h, h


@pytest.mark.parametrize(
    ("cell", "step"), [(ElmanCell(2, 3), elman), (GRUCell(2, 3), gru), (LSTMCell(2, 3), lstm)], ids=repr
)
def test_forward_against_the_equations(cell, step, rng):
    params = tuple(rng.standard_normal(shape) for shape in cell.parameter_shapes.values())
    x = rng.standard_normal((4, 5, 2))
    y, _ = Recurrent(cell).forward(params, x)
    for sample in range(4):
        state = [0.0] * cell.state
        for t in range(5):
            h, state = step(params, x[sample, t], state)
            numpy.testing.assert_allclose(y[sample, t], h, rtol=1e-12)


@pytest.mark.parametrize("cell", [ElmanCell(1, 2), GRUCell(1, 2), LSTMCell(1, 2)], ids=repr)
def test_outputs_see_the_past_alone_and_all_of_it(cell, rng):
    layer = Recurrent(cell)
    params = tuple(rng.standard_normal(shape) for shape in cell.parameter_shapes.values())
    _, tape = layer.forward(params, rng.standard_normal((1, 6, 1)))
    for t in range(6):
        y_bar = numpy.zeros((1, 6, 2))
        y_bar[0, t] = 1, -2
        x_bar, _ = layer.backward(params, tape, y_bar)
        assert (x_bar[0, : t + 1] != 0).all()
        assert not x_bar[0, t + 1 :].any()


def test_a_memory_with_open_forget_gate_adds_up():
    # i, f, o = 1 to rounding and g = tanh x: c[t] is the sum of tanh x.
    weight, bias = numpy.zeros((2, 4)), numpy.array([40.0, 40.0, 0.0, 40.0])
    weight[0, 2] = 1.0
    x = numpy.array([[[0.3], [0.2], [-0.7]]])
    y, _ = Recurrent(LSTMCell(1, 1)).forward((weight, bias), x)
    numpy.testing.assert_allclose(y[0, :, 0], numpy.tanh(numpy.cumsum(numpy.tanh(x[0, :, 0]))), rtol=1e-12)


def test_gradient_of_a_linear_chain():
    # Near 0 tanh is the identity to third order: y[t] = sum of w^(t - s) x[s], so dy[3] / dx[s] = w^(3 - s).
    params = (numpy.array([[1.0], [0.5]]), numpy.zeros(1))
    layer = Recurrent(ElmanCell(1, 1))
    _, tape = layer.forward(params, numpy.zeros((1, 4, 1)))
    y_bar = numpy.zeros((1, 4, 1))
    y_bar[0, 3] = 1
    x_bar, _ = layer.backward(params, tape, y_bar)
    assert x_bar[0, :, 0].tolist() == [0.125, 0.25, 0.5, 1.0]


def test_one_batch_serves_an_ensemble_of_cells(library, rng):
    for cell in (ElmanCell(2, 2), GRUCell(2, 2), LSTMCell(2, 2)):
        layer, x, y_bar = Recurrent(cell), rng.standard_normal((4, 3, 2)), rng.standard_normal((2, 4, 3, 2))
        params = [rng.standard_normal((2, *shape)) for shape in cell.parameter_shapes.values()]
        given = tuple(map(library.asarray, params))
        y, tape = layer.forward(given, library.asarray(x))
        x_bar, params_bar = layer.backward(given, tape, library.asarray(y_bar))
        for k in range(2):
            one = tuple(p[k] for p in params)
            alone, alone_tape = layer.forward(one, x)
            expected = layer.backward(one, alone_tape, y_bar[k])
            numpy.testing.assert_allclose(library.host(y)[k], alone, rtol=1e-12)
            numpy.testing.assert_allclose(library.host(x_bar)[k], expected[0], rtol=1e-11)
            for found, single in zip(params_bar, expected[1], strict=True):
                numpy.testing.assert_allclose(library.host(found)[k], single, rtol=1e-11)


def test_initial_values(rng):
    weight, bias = LSTMCell(30, 70).init(rng, numpy, numpy.float64)
    assert bias.tolist() == [0.0] * 70 + [1.0] * 70 + [0.0] * 140
    # Glorot's limit for one gate: 100 in, 70 out.
    limit = math.sqrt(6 / 170)
    assert 0.999 * limit < numpy.abs(weight).max() <= limit
    gates, gate_bias, weight, bias = GRUCell(30, 70).init(rng, numpy, numpy.float64)
    for array in (gates, weight):
        assert 0.999 * limit < numpy.abs(array).max() <= limit
    assert not gate_bias.any()
    assert not bias.any()
    # The blocks are drawn one after the other, not twice the same.
    assert numpy.abs(gates[:, :70] - weight).min() > 0
    first = GRUCell(1, 2).init(5, numpy, numpy.float64)
    again = GRUCell(1, 2).init(5, numpy, numpy.float64)
    assert all((a == b).all() for a, b in zip(first, again, strict=True))
    assert (first[0].ravel()[: first[2].size] != first[2].ravel()).all()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: ElmanCell(0, 1), ValueError, "`inputs` must be at least 1, got 0."),
        (lambda: GRUCell(1, 0), ValueError, "`hidden` must be at least 1, got 0."),
        (lambda: LSTMCell(1, 1, "hee"), ValueError, "`initializer` must be one of"),
        (lambda: Recurrent(Dense(2, 1)), TypeError, "`cell` must be a Cell, got Dense("),
        (
            lambda: Recurrent(GRUCell(2, 3)).output_shape((4, 3)),
            ValueError,
            "Recurrent(cell=GRUCell(inputs=2, hidden=3, initializer='glorot')) takes inputs of shape (steps, 2), got",
        ),
        (lambda: Recurrent(GRUCell(2, 3)).output_shape((0, 2)), ValueError, "(steps, 2), got (0, 2)."),
        (lambda: LSTMCell(2, 3).output_shape((5,)), ValueError, "takes inputs of shape (8,), got (5,)."),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)
