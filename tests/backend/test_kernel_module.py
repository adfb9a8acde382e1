"""KernelModule on a stand-in for CuPy that writes down, in their order, what is asked of streams and kernels."""

import sys
import types

import numpy
import pytest

from gamedyn.backend import KernelModule


class Stream:
    """A stream that notes its calls; `with` makes it the current one."""

    def __init__(self, log, name, current):
        self.log, self.name, self.current = log, name, current

    def __enter__(self):
        self.current.append(self)

    def __exit__(self, *error):
        self.current.pop()

    def record(self):
        self.log.append(("record", self.name))
        return f"event of {self.name}"

    def wait_event(self, event):
        self.log.append(("wait", self.name, event))

    def begin_capture(self):
        self.log.append(("begin", self.name))

    def end_capture(self):
        self.log.append(("end", self.name))
        return types.SimpleNamespace(launch=lambda stream: self.log.append(("replay", stream.name)))

    def synchronize(self):
        self.log.append(("synchronize", self.name))


class Array:
    """An array of the device."""

    def __init__(self, log, current):
        self.log, self.current = log, current

    def set(self, values, stream):
        self.log.append(("set", stream.name, self.current[-1].name, values))

    def get(self, stream):
        self.log.append(("get", stream.name, self.current[-1].name))
        return numpy.ones(2)

    def __setitem__(self, where, values):
        self.log.append(("copy", self.current[-1].name, values))


@pytest.fixture
def device(monkeypatch):
    """(module, log, array) of a device whose default stream is the current one."""
    log, current = [], []
    current.append(Stream(log, "default", current))

    def stream(non_blocking):
        assert non_blocking
        return Stream(log, "own", current)

    def raw(code):
        def kernel(name):
            log.append(("load", code, name))
            return lambda grid, block, arguments: log.append((name, grid, block, arguments, current[-1].name))

        return types.SimpleNamespace(get_function=kernel)

    cuda = types.SimpleNamespace(Stream=stream, get_current_stream=lambda: current[-1])
    empty = lambda shape, dtype: ("empty", shape, dtype)  # noqa: E731
    monkeypatch.setitem(sys.modules, "cupy", types.SimpleNamespace(RawModule=raw, cuda=cuda, empty=empty))
    module = KernelModule("text", ("first", "second"))
    assert log == [("load", "text", "first"), ("load", "text", "second")]
    log.clear()
    return module, log, Array(log, current)


def test_a_launch_has_typed_numbers_and_the_stream_of_the_module(device):
    module, log, array = device
    module.launch("second", 7, 128, array, 3, 0.5)
    ((name, grid, block, arguments, stream),) = log
    assert (name, grid, block, stream) == ("second", (7,), (128,), "own")
    assert arguments == (array, 3, 0.5)
    # int and double of C.
    assert [type(a) for a in arguments[1:]] == [numpy.int32, numpy.float64]
    assert module.empty((2, 3), "int64") == ("empty", (2, 3), "int64")


@pytest.mark.parametrize("values", [numpy.zeros(3), "on the device"], ids=["host", "device"])
def test_a_copy_waits_for_whoever_made_the_values(device, values):
    module, log, array = device
    module.fill(array, values)
    copied = ("copy", "own", values) if isinstance(values, str) else ("set", "own", "own", values)
    assert log == [("record", "default"), ("wait", "own", "event of default"), copied]


def test_a_recording_plays_on_the_same_stream_and_ends_also_after_an_error(device):
    module, log, _ = device
    replay = module.record(lambda: module.launch("first", 1, 1, 2))
    assert [entry[0] for entry in log] == ["begin", "first", "end"]
    replay()
    assert log[-1] == ("replay", "own")
    log.clear()
    with pytest.raises(KeyError):
        module.record(lambda: module.launch("third", 1, 1))
    assert log == [("begin", "own"), ("end", "own")]


def test_what_is_read_was_launched_before(device):
    module, log, array = device
    numpy.testing.assert_array_equal(module.read(array), [1, 1])
    assert log == [("get", "own", "own"), ("synchronize", "own")]
    module.wait()
    assert log[-1] == ("synchronize", "own")
