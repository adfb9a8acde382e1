"""Special functions for every array library: its own where it has them, else SciPy's on the host."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Any

from gamedyn.backend._namespace import array_namespace, device_of, to_device, to_host

__all__ = ["special"]

_NAMES = ("digamma", "erf", "erfc", "erfinv", "gammaln", "i0e", "i1e", "log_ndtr", "ndtr", "ndtri")
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


_REPAIRS = {("torch", "ndtr"): _torch_ndtr, ("jax", "log_ndtr"): _jax_log_ndtr}


def _on_host(name: str) -> Callable[..., Any]:
    function = getattr(importlib.import_module("scipy.special"), name)

    def wrapped(x: Any) -> Any:
        return to_device(function(to_host(x)), array_namespace(x), device=device_of(x))

    return wrapped


@functools.cache
def _for_library(library: str) -> _Special:
    return _Special(library)


def special(xp: Any) -> Any:
    """The special functions erf, erfc, erfinv, ndtr, ndtri, log_ndtr, gammaln, digamma, i0e, i1e for `xp`.

    SciPy's for NumPy, the library's own for CuPy, PyTorch and JAX, and a copy to the host and back where it has none.

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
