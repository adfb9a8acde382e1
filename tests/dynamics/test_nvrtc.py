"""CUDA source of generated code compiles where there is no device: NVIDIA's run-time compiler needs none."""

import ctypes
import importlib.util
import platform
from pathlib import Path

import numpy
import pytest

from gamedyn.dynamics._c_code import cuda_source
from gamedyn.dynamics._program import program_of
from tests.generated import GAMES
from tests.laws.test_generated import FORMULAS, fits

# The package has a compiler for Linux on x86-64 that needs no device.
pytestmark = [
    pytest.mark.peers,
    pytest.mark.skipif((platform.system(), platform.machine()) != ("Linux", "x86_64"), reason="no libnvrtc for it"),
]


def compiler():
    """libnvrtc of the package nvidia-cuda-nvrtc-cu12."""
    try:
        found = importlib.util.find_spec("nvidia.cuda_nvrtc")
    except ModuleNotFoundError:
        found = None
    if found is None:
        pytest.fail("nvidia-cuda-nvrtc-cu12 is not installed")
    (library,) = Path(next(iter(found.submodule_search_locations)), "lib").glob("libnvrtc.so.*")
    return ctypes.CDLL(str(library))


def compiled(nvrtc, source):
    """Machine code of an H100's architecture."""
    program, size = ctypes.c_void_p(), ctypes.c_size_t()
    assert nvrtc.nvrtcCreateProgram(ctypes.byref(program), source.encode(), b"run.cu", 0, None, None) == 0
    options = (ctypes.c_char_p * 2)(b"--gpu-architecture=sm_90", b"--fmad=false")
    code = nvrtc.nvrtcCompileProgram(program, len(options), options)
    nvrtc.nvrtcGetProgramLogSize(program, ctypes.byref(size))
    log = ctypes.create_string_buffer(size.value)
    nvrtc.nvrtcGetProgramLog(program, log)
    assert code == 0, log.value.decode()
    assert nvrtc.nvrtcGetCUBINSize(program, ctypes.byref(size)) == 0
    made = ctypes.create_string_buffer(size.value)
    assert nvrtc.nvrtcGetCUBIN(program, made) == 0
    nvrtc.nvrtcDestroyProgram(ctypes.byref(program))
    return made.raw


def test_the_kernel_of_every_rule_compiles():
    nvrtc = compiler()
    for rule in FORMULAS:
        game = next(game for game in reversed(GAMES) if fits(rule, game))
        state = rule.init(game, numpy.full(sum(game.dims), 0.1))
        program = program_of(game, rule, state, 0, True)
        if isinstance(program, str):
            program = program_of(game, rule, state, 0, False)
        made = compiled(nvrtc, cuda_source(program, True, True))
        assert made[:4] == b"\x7fELF"
        assert b"play" in made


def test_what_is_no_source_does_not_compile():
    with pytest.raises(AssertionError, match="undefined"):
        compiled(compiler(), 'extern "C" __global__ void play() { undefined(); }')
