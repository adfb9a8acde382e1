"""The array library of a function's inputs, and conversion to it at the public border."""

from __future__ import annotations

import importlib
from typing import Any, TypeAlias

import numpy

__all__ = [
    "Array",
    "array_namespace",
    "device_of",
    "float_arrays",
    "library_of",
    "like",
    "namespace_named",
    "real_dtype",
    "to_device",
    "to_host",
]

Array: TypeAlias = Any
"""An array of NumPy, CuPy, PyTorch, JAX or array-api-strict."""

# The root module of an array's type names its library; jaxlib holds JAX's concrete arrays.
_LIBRARIES = {"cupy": "cupy", "torch": "torch", "jax": "jax", "jaxlib": "jax", "array_api_strict": "array_api_strict"}
_NAMESPACES: dict[str, Any] = {"numpy": numpy}
_MODULES = {
    "cupy": "array_api_compat.cupy",
    "torch": "array_api_compat.torch",
    "jax": "jax.numpy",
    "array_api_strict": "array_api_strict",
    "traced": "gamedyn.backend._traced",
}


def library_of(array: Any) -> str | None:
    """The name of the library of `array`, or None for lists, Python numbers and other host values."""
    kind = type(array)
    if kind is numpy.ndarray:
        return "numpy"
    root = kind.__module__.partition(".")[0]
    if root in _LIBRARIES:
        return _LIBRARIES[root]
    if kind.__module__ == "gamedyn.backend._traced_array":
        return "traced"
    if isinstance(array, (numpy.ma.MaskedArray, numpy.matrix)):
        raise TypeError(f"masked arrays and matrices are not supported, got {kind.__name__}. Pass a plain array.")
    return "numpy" if isinstance(array, (numpy.ndarray, numpy.generic)) else None


def namespace_named(library: str) -> Any:
    """The array-API namespace of the library of that name, imported when first needed."""
    if library not in _NAMESPACES:
        _NAMESPACES[library] = importlib.import_module(_MODULES[library])
    return _NAMESPACES[library]


def array_namespace(*arrays: Any) -> Any:
    """The array-API namespace that all `arrays` share.

    NumPy itself for NumPy arrays, Python numbers and lists; array-api-compat's namespace, imported when first needed,
    for CuPy and PyTorch; `jax.numpy` and `array_api_strict` for theirs.

    Parameters
    ----------
    *arrays : array_like
        The inputs of a public function; None, numbers and lists fit any library.

    Returns
    -------
    module

    Raises
    ------
    TypeError
        If the arrays belong to different libraries; the message names both.
    """
    # A plain loop: this is called for every operation, and all() costs three times as much.
    for array in arrays:
        if type(array) is not numpy.ndarray:
            break
    else:
        return numpy
    found: str | None = None
    for array in arrays:
        # A NumPy scalar is a number, which any library takes in.
        library = None if isinstance(array, numpy.generic) else library_of(array)
        if library is None:
            continue
        if found is not None and library != found:
            raise TypeError(f"arrays of different libraries cannot be mixed, got {found} and {library}.")
        found = library
    return namespace_named(found or "numpy")


def device_of(array: Any) -> Any:
    """The device of `array`, in the form that its own namespace's `device=` takes."""
    if type(array) is numpy.ndarray:
        return "cpu"
    library = library_of(array)
    if library in (None, "numpy"):
        return "cpu"
    if library == "jax":
        # Traced arrays have no concrete device; None lets JAX choose.
        return None
    return array.device


def real_dtype(array: Array) -> Any:
    """The real floating dtype of the precision of `array`."""
    xp = array_namespace(array)
    if xp.isdtype(array.dtype, "complex floating"):
        return xp.float32 if array.dtype == xp.complex64 else xp.float64
    return array.dtype


def like(value: Any, array: Array) -> Array:
    """`value` in the library, on the device and in the precision of `array`; complex values stay complex.

    Constants of games, rules and layers go through here, so that one object serves every library.

    Parameters
    ----------
    value : array_like
        Any shape.
    array : array
        Whose library, device and precision to take.
    """
    if type(value) is numpy.ndarray and type(array) is numpy.ndarray and value.dtype == array.dtype:
        return value
    xp = array_namespace(array)
    dtype = real_dtype(array)
    library = library_of(value)
    if library is None:
        value, library = numpy.asarray(value), "numpy"
    if "complex" in str(value.dtype):
        dtype = xp.complex64 if dtype == xp.float32 else xp.complex128
    if namespace_named(library) is xp:
        return value if value.dtype == dtype else xp.astype(value, dtype)
    return to_device(to_host(value), xp, dtype=dtype, device=device_of(array))


def float_arrays(*arrays: Any, names: tuple[str, ...], allow_complex: bool = False) -> tuple[Any, ...]:
    """The namespace of the inputs, then each input as a floating array of one dtype, library and device.

    The first line of a public function: `xp, p, q = float_arrays(p, q, names=("p", "q"))`. Lists and numbers become
    arrays of the library that the others have (NumPy float64 where there is none) and take on their precision; integer
    arrays become floats of the default precision.

    Parameters
    ----------
    *arrays : array_like
        The inputs.
    names : tuple of str
        Their names, for messages.
    allow_complex : bool
        Whether complex input is passed on.

    Returns
    -------
    tuple
        (namespace, array, array, ...)

    Raises
    ------
    TypeError
        If libraries are mixed, or an input is complex, half precision, boolean or no number at all.
    """
    if all(type(array) is numpy.ndarray and array.dtype == numpy.float64 for array in arrays):
        return (numpy, *arrays)
    xp = array_namespace(*arrays)
    hosted = [a if _is_native(a) else _from_python(a, name) for a, name in zip(arrays, names, strict=True)]
    for value, array, name in zip(arrays, hosted, names, strict=True):
        kind = str(array.dtype)
        if "bool" in kind:
            raise TypeError(f"`{name}` must hold numbers, got booleans.")
        if isinstance(array, numpy.ndarray) and array.dtype.kind not in "iufc":
            raise TypeError(f"`{name}` must hold numbers, got {type(value).__name__} with {kind} values.")
        if "float" in kind and not kind.endswith(("float32", "float64")):
            raise TypeError(f"`{name}` must be float32 or float64, got {kind}. Convert it first.")
        if "complex" in kind and not allow_complex:
            raise TypeError(f"`{name}` must be real, got complex values.")
    native = [a for a in arrays if _is_native(a)]
    kinds = ("real floating", "complex floating")
    floating = [a.dtype for a in native if xp.isdtype(a.dtype, kinds)]
    if not floating and xp is numpy:
        # NumPy's own operations turn 0-d arrays into scalars, whose precision counts where no array has one.
        floating = [a.dtype for a in arrays if isinstance(a, numpy.inexact)]
    dtype = floating[0] if floating else numpy.float64 if xp is numpy else xp.asarray(0.0).dtype
    for other in floating[1:]:
        dtype = xp.result_type(dtype, other)
    if any("complex" in str(a.dtype) for a in hosted):
        dtype = xp.complex64 if dtype in (xp.float32, xp.complex64) else xp.complex128
    device = device_of(native[0]) if native else None
    return (xp, *(_cast(xp, array, dtype, device) for array in hosted))


def _is_native(array: Any) -> bool:
    return not isinstance(array, numpy.generic) and library_of(array) is not None


def _from_python(value: Any, name: str) -> numpy.ndarray:
    try:
        host = numpy.asarray(value)
    except ValueError as error:
        raise ValueError(f"`{name}` must be a rectangular array of numbers, got rows of different lengths.") from error
    return host


def _cast(xp: Any, array: Any, dtype: Any, device: Any) -> Any:
    if xp is not numpy and type(array) is numpy.ndarray:
        return to_device(array, xp, dtype=dtype, device=device)
    return array if array.dtype == dtype else xp.astype(array, dtype)


def to_host(array: Any) -> numpy.ndarray:
    """A NumPy copy of `array`, detached from any gradient tape; NumPy arrays pass through uncopied.

    Parameters
    ----------
    array : array_like
        Of any library, on any device.
    """
    library = library_of(array)
    if library == "cupy":
        return array.get()  # type: ignore[no-any-return]
    if library == "torch":
        return array.detach().cpu().numpy()  # type: ignore[no-any-return]
    if library == "jax":
        # Inside grad, though not inside jit and vmap, a traced array has a value.
        return numpy.asarray(importlib.import_module(library).lax.stop_gradient(array))
    if library == "array_api_strict":
        strict = namespace_named("array_api_strict")
        return numpy.from_dlpack(array.to_device(strict.Device("CPU_DEVICE")))
    return numpy.asarray(array)


def to_device(array: Any, xp: Any, *, dtype: Any = None, device: Any = None) -> Array:
    """`array` of the host in the namespace `xp`, on `device`.

    Parameters
    ----------
    array : array_like
        NumPy array, list or number.
    xp : module
        A namespace as `array_namespace` returns it.
    dtype, device : optional
        Of `xp`; None keeps the dtype and takes the default device.
    """
    if xp is numpy:
        return numpy.asarray(array, dtype=dtype)
    # JAX and PyTorch would share a read-only or aliased buffer; a copy keeps arguments unwritten.
    host = numpy.array(array)
    if xp.__name__ != "array_api_strict":
        return xp.asarray(host, dtype=dtype, device=device)
    # array-api-strict takes no NumPy arrays, by design; lists lose the precision, and the shape of empty arrays.
    kind = getattr(xp, str(host.dtype)) if dtype is None else dtype
    return xp.reshape(xp.asarray(host.tolist(), dtype=kind, device=device), host.shape)
