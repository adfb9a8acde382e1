"""Optional packages: imported where they are used, and one sentence naming the extra where they are absent."""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["EXTRAS", "MissingExtraError", "require"]

EXTRAS = {
    "sympy": "symbolic",
    "matplotlib": "plot",
    "flint": "certify",
    "cupy": "gpu12",
    "dask": "dask",
    "sklearn": "data",
    "tqdm": "data",
    "ot": "transport",
    "hypothesis": "test",
}
"""Module name -> the extra of this package that installs it."""


class MissingExtraError(ImportError):
    """An optional package is not installed; the message names the extra that brings it."""


def require(module: str) -> Any:
    """Import the optional package `module`, or say which extra to install.

    Parameters
    ----------
    module : str
        A dotted module name whose root is one of `EXTRAS`.

    Raises
    ------
    MissingExtraError
        Naming the extra; the command line exits with 4.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        root = module.partition(".")[0]
        if isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] != root:
            raise
        extra = EXTRAS[root]
        raise MissingExtraError(
            f"{root} is needed here and is not installed. Install it with `pip install 'gamedyn[{extra}]'`."
        ) from error
