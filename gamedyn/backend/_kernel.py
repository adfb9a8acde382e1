"""Kernels from CUDA source, for arrays of CuPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gamedyn.backend._namespace import library_of

__all__ = ["cuda_kernel", "takes_kernels"]

_THREADS = 128


def cuda_kernel(source: str, name: str) -> Callable[..., None]:
    """The kernel of that name as a function (count, *arguments) that runs it with one thread for each of `count`.

    Compiled when it is first called, without fused products, so that results are those of the other libraries.

    Parameters
    ----------
    source : str
        CUDA C++.
    name : str
        Of an extern "C" kernel.
    """
    import cupy

    kernel = cupy.RawKernel(source, name, options=("--fmad=false",))

    def launched(count: int, *arguments: Any) -> None:
        kernel(((count + _THREADS - 1) // _THREADS,), (_THREADS,), arguments)

    return launched


def takes_kernels(array: Any) -> bool:
    """Whether `cuda_kernel` runs on arrays like this one.

    Parameters
    ----------
    array : array
        Of any library.
    """
    return library_of(array) == "cupy"
