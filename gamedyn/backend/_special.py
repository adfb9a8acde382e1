"""Special functions for every array library: its own where it has them, else SciPy's on the host."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Any

from gamedyn.backend._namespace import array_namespace, device_of, to_device, to_host
from gamedyn.backend._tape import on_tape

__all__ = ["special"]

_NAMES = (
    "betainc",
    "betaincc",
    "betainccinv",
    "betaincinv",
    "digamma",
    "erf",
    "erfc",
    "erfinv",
    "gammainc",
    "gammaincc",
    "gammainccinv",
    "gammaincinv",
    "gammaln",
    "i0e",
    "i1e",
    "log_ndtr",
    "ndtr",
    "ndtri",
)
_HOMES = {"numpy": "scipy.special", "cupy": "cupyx.scipy.special", "jax": "jax.scipy.special", "torch": "torch.special"}


class _Special:
    """Attribute access to the functions in `_NAMES` for one namespace."""

    def __init__(self, library: str) -> None:
        self._library = library

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in _NAMES:
            raise AttributeError(f"backend.special has no function {name!r}; it has {', '.join(_NAMES)}.")
        home = importlib.import_module(_HOMES.get(self._library, "scipy.special"))
        function = getattr(home, name, None)
        if self._library not in _HOMES or function is None:
            function = _on_host(name)
        if (self._library, name) in _REPAIRS:
            function = _REPAIRS[self._library, name](home)
        setattr(self, name, function)
        return function


def _torch_ndtr(home: Any) -> Callable[..., Any]:
    # PyTorch's own is (1 + erf) / 2, which has no digits left in the lower tail and is 0 from x = -8.3 on.
    return lambda x: 0.5 * home.erfc(-(0.5**0.5) * x)


def _jax_log_ndtr(home: Any) -> Callable[..., Any]:
    # JAX's own is the log of 1 - tiny in the upper tail, 7 % off at x = 8, and a short series below -20.
    def log_ndtr(x: Any) -> Any:
        xp = array_namespace(x)
        lower = home.log_ndtr(xp.minimum(x, xp.zeros_like(x)), series_order=8)
        return xp.where(x > 0, xp.log1p(-home.ndtr(-xp.maximum(x, xp.zeros_like(x)))), lower)

    return log_ndtr


def _torch_gammainc(_: Any) -> Callable[..., Any]:
    # PyTorch's own is off by up to 1e-9 around x = a for a of 20 to 200.
    return _on_host("gammainc")


def _torch_gammaincc(_: Any) -> Callable[..., Any]:
    return _on_host("gammaincc")


def _jax_betaincc(home: Any) -> Callable[..., Any]:
    hosted = _on_host("betaincc")

    def betaincc(a: Any, b: Any, x: Any) -> Any:
        # A copy on the host has no derivative, and none is made inside jit; this has the rounding of 1 - x instead.
        return home.betainc(b, a, 1 - x) if on_tape(a) or on_tape(b) or on_tape(x) else hosted(a, b, x)

    return betaincc


_REPAIRS = {
    ("torch", "gammainc"): _torch_gammainc,
    ("torch", "gammaincc"): _torch_gammaincc,
    ("torch", "ndtr"): _torch_ndtr,
    ("jax", "betaincc"): _jax_betaincc,
    ("jax", "log_ndtr"): _jax_log_ndtr,
}


def _on_host(name: str) -> Callable[..., Any]:
    function = getattr(importlib.import_module("scipy.special"), name)

    def wrapped(*arguments: Any) -> Any:
        native = next((x for x in arguments if hasattr(x, "shape")), arguments[0])
        result = function(*(to_host(x) for x in arguments))
        return to_device(result, array_namespace(native), device=device_of(native))

    return wrapped


@functools.cache
def _for_library(library: str) -> _Special:
    return _Special(library)


def special(xp: Any) -> Any:
    """The special functions of `xp`, with SciPy's names and arguments.

    erf, erfc, erfinv, ndtr, ndtri, log_ndtr; gammaln, digamma; i0e, i1e; and with their inverses the
    incomplete functions gammainc, gammaincc, betainc and betaincc. SciPy's for NumPy; the library's own for CuPy,
    PyTorch and JAX where that is accurate, otherwise a copy to the host and back, through which no gradient flows.

    Parameters
    ----------
    xp : module
        A namespace as `array_namespace` returns it.

    Examples
    --------
    >>> import numpy
    >>> float(special(numpy).ndtr(0.0))
    0.5
    """
    return _for_library(xp.__name__.removeprefix("array_api_compat.").partition(".")[0])
