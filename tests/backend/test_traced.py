"""Traced arrays: their formulas, played on numbers, are what NumPy computes, and values are never guessed."""

import numpy
import pytest

from gamedyn.backend import TracingError, array_namespace, device_of, library_of, like, real_dtype, traced
from gamedyn.backend import _traced as xp
from gamedyn.dynamics._source import Lines, in_c, in_python

VALUES = numpy.array([[0.5, -1.25, 3.0], [2.0, 0.0, -0.75]])


def played(array, values=VALUES):
    """The array's formulas with z0, z1, ... = values."""
    lines = Lines(list(array.nodes.flat), in_python)
    names = {f"z{k}": numpy.float64(v) for k, v in enumerate(values.flat)}
    functions = {name: getattr(numpy, known) for name, known in FUNCTIONS.items()}
    scope = {**functions, "as_float": float, "nan": numpy.nan, "inf": numpy.inf, **names}
    with numpy.errstate(all="ignore"):
        exec("\n".join([*lines.once, *lines.each]), scope)
        results = [eval(text, scope) for text in lines.results]
    return numpy.array(results, dtype=array.dtype).reshape(array.shape)


FUNCTIONS = {name: name for name in ("exp", "expm1", "log", "log1p", "sin", "cos", "tan", "sinh", "cosh", "tanh")}
FUNCTIONS |= {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh", "acosh": "arccosh"}
FUNCTIONS |= {"atanh": "arctanh", "sqrt": "sqrt", "pow": "power"}

COMPUTATIONS = {
    "arithmetic": lambda xp, z: (2 * z - z / 3 + 1 - (-z)) * (1 / (2 + z**2)) - 0.5 / (3 - z),
    "powers": lambda xp, z: xp.stack([z**2, z**3, z**4, (2 + z) ** -1, (4 + z) ** 0.5, (4 + z) ** 1.3, z**0]),
    "exponentials": lambda xp, z: xp.exp(z) + xp.expm1(z) + xp.log(4 + z) + xp.log1p(abs(z)) + xp.sqrt(abs(z)),
    "circles": lambda xp, z: xp.sin(z) + xp.cos(z) + xp.tan(z / 3) + xp.asin(z / 4) + xp.acos(z / 4) + xp.atan(z),
    "hyperbolas": lambda xp, z: xp.sinh(z) + xp.cosh(z) + xp.tanh(z) + xp.asinh(z) + xp.acosh(4 + z) + xp.atanh(z / 4),
    "branches": lambda xp, z: xp.where((z > 0) & (z <= 2), z, xp.where(~(z != 0) | (z < -1), 7.0, -z)),
    "order": lambda xp, z: xp.maximum(z, 0.25) + xp.minimum(z, z[::-1, :]) * xp.sign(z),
    "broken": lambda xp, z: xp.maximum(z / 0.0, xp.zeros_like(z)) + xp.minimum(1.0, xp.log(z)),
    "finite": lambda xp, z: xp.astype(xp.isfinite(1 / z), xp.float64) + xp.astype(xp.isnan(xp.log(z)), xp.float64),
    "sums": lambda xp, z: xp.sum(z, axis=0) + xp.sum(z, axis=-1, keepdims=True) + xp.sum(z) + xp.prod(z, axis=0),
    "extremes": lambda xp, z: xp.max(z, axis=1) - xp.min(z, axis=1) + xp.max(z),
    "matrices": lambda xp, z: z @ z.T + xp.eye(2) + xp.matmul(z, xp.matrix_transpose(z)),
    "products": lambda xp, z: xp.vecdot(z, 2 * z) + z[:, 0],
    "shapes": lambda xp, z: xp.concat([xp.reshape(z, (3, 2)), xp.moveaxis(z, 0, 1), z.T], axis=1),
    "turned": lambda xp, z: xp.permute_dims(z, (1, 0)) @ z,
    "axes": lambda xp, z: xp.stack(xp.broadcast_arrays(z[:, None, :], z[None, ...]), axis=-1)[..., 0],
    "counting": lambda xp, z: (xp.arange(3) + 1) * z + xp.full((3,), 2.0) * xp.ones(3) - xp.full_like(z, 0.5),
    "integers": lambda xp, z: xp.astype(xp.arange(-3, 0) % 2 == 1, xp.int64) * xp.ones_like(z),
}  # fmt: skip


@pytest.mark.parametrize("name", COMPUTATIONS)
def test_formulas_play_what_numpy_computes(name):
    with numpy.errstate(all="ignore"):
        expected = COMPUTATIONS[name](numpy, VALUES)
    found = COMPUTATIONS[name](xp, traced("z", (2, 3)))
    assert found.shape == expected.shape
    assert found.dtype == expected.dtype
    numpy.testing.assert_allclose(played(found), expected, rtol=1e-14)


def test_backends_recognise_traced_arrays():
    z = traced("z", (2,))
    assert library_of(z) == "traced"
    assert array_namespace(z, 1.0) is xp
    assert device_of(z) == "cpu"
    assert real_dtype(z) == xp.float64
    assert like([1.0, 2.0], z).shape == (2,)
    assert like(numpy.float32(0.5), z).dtype == numpy.float64
    with pytest.raises(TypeError, match="different libraries cannot be mixed, got numpy and traced"):
        array_namespace(numpy.ones(2), z)


def test_constants_are_computed_at_once():
    z = traced("z", (2,))
    for constant in (xp.exp(xp.zeros_like(z)), xp.where(xp.ones_like(z) > 0, 1.0, z), z**0, xp.asarray([2.0, 2.0]) / 2):
        assert [node.operation for node in constant.nodes] == ["constant"] * 2
        assert [float(node.value) for node in constant.nodes] == [1.0, 1.0]
    assert bool(xp.all(xp.zeros_like(z) == 0))


def test_what_changes_no_value_is_left_out():
    z = traced("z", (1,))
    for same in (z + 0, 0 + z, 1 * z, z * 1, z / 1, z - 0, xp.negative(-z), z**1, xp.real(z), xp.astype(z, xp.float64)):
        assert same.nodes[0] is z.nodes[0]
    # 0 times infinity is no 0.
    assert (0 * z).nodes[0].operation == "mul"
    assert numpy.isnan(played(0 * z, numpy.array([numpy.inf])))[0]


def test_common_subexpressions_are_computed_once():
    z = traced("z", (2,))
    lines = Lines(list((xp.exp(z[0] * z[1]) + xp.exp(z[0] * z[1]) * z).nodes), in_python)
    assert "\n".join(lines.each).count("exp(") == 1


def test_what_depends_on_hyper_parameters_alone_is_computed_before_the_loop():
    z, p = traced("z", (1,)), traced("p", (1,))
    lines = Lines(list((z * xp.exp(p) + (1 - p)).nodes), in_python)
    assert "exp" in "".join(lines.once)
    assert "exp" not in "".join(lines.each)
    assert len(lines.kept) == 2


def test_deep_formulas_need_no_recursion():
    z = traced("z", (1,))
    w = z
    for _ in range(3000):
        w = w * z + 1
    assert played(w, numpy.array([0.5]))[0] == pytest.approx(2.0)


@pytest.mark.parametrize(
    "ask",
    [
        lambda z: bool(z[0] > 0),
        lambda z: 1 if xp.any(z > 1) else 0,
        lambda z: float(z[0]),
        lambda z: numpy.asarray(z),
        lambda z: like(1j, z),
        lambda z: xp.asarray(numpy.ones(2, dtype="float32")),
        lambda z: xp.astype(z, xp.float32),
        lambda z: z + "1",
    ],
)
def test_values_are_not_guessed(ask):
    with pytest.raises((TracingError, TypeError)):
        ask(traced("z", (2,)))


def test_operations_without_code_are_refused():
    n = traced("n", (1,), "i")
    for formula in (n ** (n + 1), traced("z", (1,)) % 2.0):
        with pytest.raises(TracingError, match="are not written as code"):
            Lines(list(formula.nodes), in_c)


def test_numbers_are_written_with_all_their_digits():
    c, python = in_c, in_python
    for value in (0.1, -0.1, 1e300, 5e-324, -0.0, 2.0, 1 / 3):
        node = xp.asarray(value).nodes.item()
        for syntax in (c, python):
            text = syntax.number(node).strip("()")
            assert float(text) == value
            assert set(".e") & set(text)
    assert python.number(xp.asarray(-numpy.inf).nodes.item()) == "(-inf)"
    assert c.number(xp.asarray(numpy.nan).nodes.item()) == "(0.0 / 0.0)"
    assert c.number(xp.asarray(7).nodes.item()) == "(7LL)"
