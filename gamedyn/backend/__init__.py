"""Which array library: the namespace of the inputs, devices, host copies, random numbers, special functions.

======================  ==============================================================
name                    what it answers
======================  ==============================================================
array_namespace         the library that all inputs share
float_arrays            inputs as floating arrays of one library, dtype and device
like                    a constant in the library, device and precision of an array
library_of, device_of   the name of an array's library; its device
real_dtype              the real dtype of an array's precision
to_host, to_device      explicit copies
traced, Traced, Node    arrays that hold formulas in the place of numbers
cuda_kernel             CUDA source as a function of the arrays that `takes_kernels`
KernelModule            kernels of one source, on a stream, recorded into graphs
on_tape, off_tape       whether an array is differentiated; the array as a constant
default_namespace, use  the library where nothing is passed in, and its override
device_name             the device that serves
as_generator            a Generator from `rng`
host_normal/uniform     random arrays drawn on the host
special                 erf, ndtr, gammaln, ... of a library
require                 an optional package, or the extra that brings it
======================  ==============================================================
"""

from gamedyn.backend._default import cupy_status, default_namespace, device_name, use
from gamedyn.backend._graph import Node, TracingError
from gamedyn.backend._kernel import cuda_kernel, takes_kernels
from gamedyn.backend._kernel_module import KernelModule
from gamedyn.backend._namespace import (
    Array,
    array_namespace,
    device_of,
    float_arrays,
    library_of,
    like,
    real_dtype,
    to_device,
    to_host,
)
from gamedyn.backend._optional import EXTRAS, MissingExtraError, require
from gamedyn.backend._random import as_generator, host_normal, host_uniform
from gamedyn.backend._special import special
from gamedyn.backend._tape import off_tape, on_tape
from gamedyn.backend._traced_array import Traced, traced

__all__ = [
    "EXTRAS",
    "Array",
    "KernelModule",
    "MissingExtraError",
    "Node",
    "Traced",
    "TracingError",
    "array_namespace",
    "as_generator",
    "cuda_kernel",
    "cupy_status",
    "default_namespace",
    "device_name",
    "device_of",
    "float_arrays",
    "host_normal",
    "host_uniform",
    "library_of",
    "like",
    "off_tape",
    "on_tape",
    "real_dtype",
    "require",
    "special",
    "takes_kernels",
    "to_device",
    "to_host",
    "traced",
    "use",
]
