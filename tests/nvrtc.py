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
