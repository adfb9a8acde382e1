"""CUDA source compiled where there is no device: NVIDIA's run-time compiler needs none."""

import ctypes
import importlib.util
import platform
from pathlib import Path

import pytest

# The package has a compiler for Linux on x86-64 that needs no device.
MARKS = [
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


def compiled(nvrtc, source, architecture="sm_90"):
    """Machine code of an architecture: sm_80 is an A100's, sm_90 an H100's."""
    return compiled_and_told(nvrtc, source, architecture)[0]


def compiled_and_told(nvrtc, source, architecture):
    """Machine code, and what the assembler tells about registers and shared memory."""
    program, size = ctypes.c_void_p(), ctypes.c_size_t()
    assert nvrtc.nvrtcCreateProgram(ctypes.byref(program), source.encode(), b"run.cu", 0, None, None) == 0
    given = [f"--gpu-architecture={architecture}", "--fmad=false", "--ptxas-options=-v"]
    options = (ctypes.c_char_p * len(given))(*map(str.encode, given))
    code = nvrtc.nvrtcCompileProgram(program, len(options), options)
    nvrtc.nvrtcGetProgramLogSize(program, ctypes.byref(size))
    log = ctypes.create_string_buffer(size.value)
    nvrtc.nvrtcGetProgramLog(program, log)
    assert code == 0, log.value.decode()
    assert nvrtc.nvrtcGetCUBINSize(program, ctypes.byref(size)) == 0
    made = ctypes.create_string_buffer(size.value)
    assert nvrtc.nvrtcGetCUBIN(program, made) == 0
    nvrtc.nvrtcDestroyProgram(ctypes.byref(program))
    return made.raw, log.value.decode()
