"""Kernels that share one source, launched on a stream of their own and recorded into graphs, for arrays of CuPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

__all__ = ["KernelModule"]


class KernelModule:
    """The extern "C" kernels of one CUDA source.

    Launches go to one stream in their order. `record` turns a series of launches into one graph: replaying it costs the
    host one call, however many launches it holds. Arrays that a graph reads and writes must be kept by the caller.

    Parameters
    ----------
    source : str
        CUDA C++.
    names : sequence of str
        The kernels to load.
    """

    def __init__(self, source: str, names: tuple[str, ...]) -> None:
        import cupy

        module = cupy.RawModule(code=source)
        # Loaded now: what is compiled during a recording would break it.
        self._kernels = {name: module.get_function(name) for name in names}
        self._stream = cupy.cuda.Stream(non_blocking=True)
        self._xp = cupy

    def launch(self, name: str, blocks: int, threads: int, *arguments: Any) -> None:
        """Run a kernel; whole numbers become int, other numbers double.

        Parameters
        ----------
        name : str
        blocks, threads : int
        *arguments : array, int or float
        """
        with self._stream:
            self._kernels[name]((blocks,), (threads,), tuple(map(_typed, arguments)))

    def record(self, launches: Callable[[], None]) -> Callable[[], None]:
        """A function that repeats the launches of `launches`, with the same arguments.

        Parameters
        ----------
        launches : callable
            Launches kernels and does nothing else on the device.
        """
        with self._stream:
            self._stream.begin_capture()
            try:
                launches()
            finally:
                # A capture that is not ended would spoil the stream.
                graph = self._stream.end_capture()
        return lambda: graph.launch(self._stream)

    def empty(self, shape: tuple[int, ...], dtype: Any) -> Any:
        """A new array on the device, not filled."""
        return self._xp.empty(shape, dtype=dtype)

    def fill(self, array: Any, values: Any) -> None:
        """Copy an array of the host or the device into one of the device, in the order of launches.

        Parameters
        ----------
        array : array
        values : array of NumPy or CuPy
            Of the same shape and precision.
        """
        # This stream waits for no other by itself: the values may still be in the making, and the memory of `array` in
        # use by whoever had it before.
        self._stream.wait_event(self._xp.cuda.get_current_stream().record())
        with self._stream:
            if isinstance(values, numpy.ndarray):
                array.set(values, stream=self._stream)
            else:
                array[...] = values

    def read(self, array: Any) -> numpy.ndarray:
        """A copy on the host, made when all launches have run."""
        with self._stream:
            found: numpy.ndarray = array.get(stream=self._stream)
        self.wait()
        return found

    def wait(self) -> None:
        """Return when all launches have run."""
        self._stream.synchronize()


def _typed(argument: Any) -> Any:
    if isinstance(argument, int):
        return numpy.int32(argument)
    return numpy.float64(argument) if isinstance(argument, float) else argument
