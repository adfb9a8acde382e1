"""Facts about finding and converting to the array library of the inputs."""

import array_api_strict
import numpy
import pytest

from gamedyn import backend
from gamedyn.backend import array_namespace, device_of, float_arrays, library_of, like, real_dtype, to_device, to_host

STRICT = array_api_strict.asarray([1.0, 2.0])


def test_python_values_and_numpy_share_numpy():
    assert array_namespace([1.0], 2, None, numpy.ones(2), numpy.float32(1)) is numpy
    assert array_namespace() is numpy
    assert library_of([1.0]) is None
    assert library_of(3) is None
    assert library_of(numpy.float64(1)) == "numpy"


def test_namespace_of_each_library(library):
    array = library.asarray([1.0, 2.0])
    xp = array_namespace(array, [1.0], None, numpy.float64(3))
    assert xp is (numpy if library.name.startswith("numpy") else library.xp)
    assert library_of(array) == library.name.removesuffix("-readonly")


def test_mixing_names_both_libraries():
    with pytest.raises(TypeError, match="cannot be mixed, got numpy and array_api_strict"):
        array_namespace(numpy.ones(2), STRICT)
    with pytest.raises(TypeError, match="cannot be mixed, got array_api_strict and numpy"):
        float_arrays(STRICT, numpy.ones(2), names=("p", "q"))


@pytest.mark.peers
def test_mixing_peers_names_both_libraries():
    import jax.numpy
    import torch

    for first, second, names in (
        (torch.ones(2), numpy.ones(2), "torch and numpy"),
        (jax.numpy.ones(2), torch.ones(2), "jax and torch"),
        (STRICT, jax.numpy.ones(2), "array_api_strict and jax"),
    ):
        with pytest.raises(TypeError, match=f"cannot be mixed, got {names}"):
            array_namespace(first, second)


def test_subclasses_with_other_arithmetic_are_refused():
    with pytest.raises(TypeError, match="masked arrays and matrices are not supported"):
        array_namespace(numpy.ma.masked_array([1.0], [True]))
    with pytest.warns(PendingDeprecationWarning):
        matrix = numpy.matrix([[1.0]])
    with pytest.raises(TypeError, match="masked arrays and matrices are not supported, got matrix"):
        float_arrays(matrix, names=("p",))


def test_lists_take_library_dtype_and_device_of_the_others(library):
    for dtype in ("float64", "float32"):
        array = library.asarray([1.0, 2.0], dtype)
        xp, p, q, r = float_arrays(array, [1, 2], 3, names=("p", "q", "r"))
        assert library.owns(p, dtype)
        assert library.owns(q, dtype)
        assert library.owns(r, dtype)
        assert p is array
        assert tuple(r.shape) == ()
        assert xp is array_namespace(array)


def test_the_wider_precision_wins(library):
    _, p, q = float_arrays(library.asarray([1.0], "float32"), library.asarray([1.0], "float64"), names=("p", "q"))
    assert library.owns(p, "float64")
    assert library.owns(q, "float64")


def test_integers_become_floats(library):
    _, p = float_arrays(library.asarray([1, 2], "int64"), names=("p",))
    assert library.owns(p, "float32" if library.name == "torch" else "float64")
    _, p, _ = float_arrays(library.asarray([1, 2], "int64"), library.asarray([0.5], "float32"), names=("p", "q"))
    assert library.owns(p, "float32")


def test_numpy_scalars_keep_their_precision_where_no_array_has_one():
    _, p = float_arrays(numpy.float32(2), names=("p",))
    assert p.dtype == "float32"
    _, p, q = float_arrays(numpy.float32(2), 1.5, names=("p", "q"))
    assert p.dtype == q.dtype == "float32"
    _, p, q = float_arrays(numpy.float64(2), numpy.ones(2, dtype="float32"), names=("p", "q"))
    assert p.dtype == q.dtype == "float32"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (numpy.ones(2, dtype="float16"), "`p` must be float32 or float64, got float16. Convert it first."),
        (numpy.ones(2, dtype="complex128"), "`p` must be real, got complex values."),
        (numpy.ones(2, dtype=bool), "`p` must hold numbers, got booleans."),
        (True, "`p` must hold numbers, got booleans."),
        (["a", "b"], "`p` must hold numbers, got list with <U1 values."),
        (None, "`p` must hold numbers, got NoneType with object values."),
        ({"a": 1}, "`p` must hold numbers, got dict with object values."),
        (numpy.array(["a"]), "`p` must hold numbers, got ndarray with <U1 values."),
        (numpy.array([None]), "`p` must hold numbers, got ndarray with object values."),
        (numpy.array(["2020-01-01"], dtype="datetime64[D]"), "`p` must hold numbers, got ndarray with datetime64"),
    ],
)
def test_what_is_no_real_number_is_refused(value, message):
    with pytest.raises(TypeError) as error:
        float_arrays(value, names=("p",))
    assert str(error.value).startswith(message)


@pytest.mark.peers
@pytest.mark.parametrize("kind", ["float16", "bfloat16"])
def test_half_precision_of_peers_is_refused(kind):
    import torch

    with pytest.raises(TypeError, match=f"`p` must be float32 or float64, got .*{kind}"):
        float_arrays(torch.ones(2, dtype=getattr(torch, kind)), names=("p",))


def test_complex_booleans_and_half_of_strict_arrays():
    with pytest.raises(TypeError, match="real"):
        float_arrays(array_api_strict.asarray([1j]), names=("p",))
    with pytest.raises(TypeError, match="booleans"):
        float_arrays(array_api_strict.asarray([True]), names=("p",))
    xp, z, x = float_arrays(STRICT * (1 + 0j), [1.0, 2.0], names=("z", "x"), allow_complex=True)
    assert z.dtype == x.dtype == xp.complex128


def test_complex_keeps_its_precision():
    _, z, x = float_arrays(numpy.ones(2, "complex64"), numpy.ones(2, "float32"), names=("z", "x"), allow_complex=True)
    assert z.dtype == x.dtype == "complex64"
    _, z, x = float_arrays(numpy.ones(2, "complex64"), numpy.ones(2), names=("z", "x"), allow_complex=True)
    assert z.dtype == x.dtype == "complex128"


def test_ragged_lists_are_named():
    with pytest.raises(ValueError, match="`p` must be a rectangular array of numbers, got rows of different lengths"):
        float_arrays([[1.0], [1.0, 2.0]], names=("p",))


def test_like_takes_library_device_and_precision(library):
    for dtype in ("float64", "float32"):
        array = library.asarray([1.0], dtype)
        for value in (2.5, [2.5], numpy.array([2.5]), numpy.float32(2.5), 2, library.asarray([2.5], "float64")):
            constant = like(value, array)
            assert library.owns(constant, dtype)
            assert library.host(constant).ravel()[0] == pytest.approx(2.5, abs=0.5)
    constant = like(numpy.array([1j], dtype="complex64"), library.asarray([1.0]))
    assert "complex128" in str(constant.dtype)
    array = numpy.ones(2)
    assert like(array, numpy.zeros(3)) is array


def test_like_of_a_complex_array_is_real_or_complex_with_the_value():
    z = numpy.ones(2, dtype="complex64")
    assert like([1.0], z).dtype == "float32"
    assert like([1j], z).dtype == "complex64"
    assert numpy.dtype(real_dtype(z)) == "float32"
    assert numpy.dtype(real_dtype(numpy.ones(2))) == "float64"


def test_host_copies(library):
    values = numpy.arange(6.0).reshape(2, 3)
    array = library.asarray(values)
    host = to_host(array)
    assert type(host) is numpy.ndarray
    assert host.dtype == "float64"
    numpy.testing.assert_array_equal(host, values)
    if library.name.startswith("numpy"):
        assert to_host(array) is array
    back = to_device(host, array_namespace(array), device=device_of(array))
    assert library.owns(back)
    assert to_host([1, 2]).tolist() == [1, 2]


@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (2, 0), (1, 2, 1)])
@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "bool"])
def test_shapes_and_dtypes_survive_the_way_back(library, shape, dtype):
    host = numpy.zeros(shape, dtype=dtype)
    device = device_of(library.asarray([1.0]))
    array = to_device(host, array_namespace(library.asarray([1.0])), device=device)
    assert tuple(array.shape) == shape
    assert library.owns(array, dtype)
    assert to_host(array).shape == shape


def test_the_copy_does_not_alias(library):
    if library.name.startswith("numpy"):
        return  # NumPy arrays pass through
    host = numpy.ones(3)
    array = to_device(host, array_namespace(library.asarray([1.0])))
    host[:] = 5.0
    numpy.testing.assert_array_equal(to_host(array), 1.0)


def test_read_only_input_is_enough():
    frozen = numpy.ones(3)
    frozen.flags.writeable = False
    _, p = float_arrays(frozen, names=("p",))
    assert p is frozen


@pytest.mark.peers
def test_gradient_tapes_end_on_the_host():
    import torch

    array = torch.ones(2, dtype=torch.float64, requires_grad=True)
    assert to_host(array * 2).tolist() == [2.0, 2.0]


@pytest.mark.peers
def test_tracing_passes_through():
    import jax

    jax.config.update("jax_enable_x64", True)

    @jax.jit
    def traced(p, q):
        xp, p, q, c = float_arrays(p, q, 0.5, names=("p", "q", "c"))
        assert xp is jax.numpy
        constant = like(numpy.array([1.0, 2.0]), p)
        return c * xp.sum(p * q * constant + like(3.0, p))

    result = traced(jax.numpy.array([1.0, 2.0]), jax.numpy.array([3, 4]))
    assert float(result) == 0.5 * (3 * 1 + 3 + 8 * 2 + 3)
    gradient = jax.grad(lambda p: traced(p, jax.numpy.array([3.0, 4.0])))(jax.numpy.array([1.0, 2.0]))
    assert gradient.tolist() == [1.5, 4.0]
    assert float(jax.vmap(traced)(jax.numpy.ones((2, 2)), jax.numpy.ones((2, 2)))[1]) == 4.5


def test_public_names():
    assert set(backend.__all__) == {name for name in dir(backend) if not name.startswith("_")} - {"annotations"}
