"""A run as generated C, for the processor and for CUDA: the same lines, one trajectory after the other or in lanes."""

from __future__ import annotations

from gamedyn.dynamics._program import Program
from gamedyn.dynamics._python_code import names_of
from gamedyn.dynamics._source import Lines, in_c
from gamedyn.dynamics._trajectory import Status

__all__ = ["LANES", "c_source", "cuda_source"]

LANES = 16

_VECTOR = ("exp", "log", "sin", "cos", "pow", "tanh", "sinh", "cosh", "tan", "expm1", "log1p", "asin", "acos", "atan")
_ARGUMENTS = (
    "long long batch, long long first, long long last, long long every, double bound, double tolerance, "
    "double *z, double *s, long long *n, const double *p, long long *ended, long long *stop, double *points"
)
_NAMES = "batch, first, last, every, bound, tolerance, z, s, n, p, ended, stop, points"

# One trajectory. RECORD writes the point; frozen ones are written, too.
_ALONE = """
QUALIFIER void alone(long long b, {arguments})
{{
    {loads}
    {once}
    long long state = ended[b], end = stop[b], left = every;
    for (long long k = first + 1; k <= last; ++k) {{
        if (state == {moving}) {{
            {each}
            if ({good}) {{
                {moved}
                {tested}
            }} else {{
                state = {diverged};
                end = k;
            }}
        }} else if (!points)
            break;
        if (--left == 0 || k == last) {{
            left = every;
            if (points) {{
                {record}
                points += batch * {d};
            }}
        }}
    }}
    {stores}
    ended[b] = state;
    stop[b] = end;
}}
"""

_TOGETHER = """
static void together(long long b, long long count, {arguments})
{{
    {arrays}
    long long M[LANES], E[LANES], left = every;
    for (int l = 0; l < LANES; ++l) {{
        const long long c = l < count ? b + l : b;
        {lane_loads}
        {once}
        {lane_keeps}
        M[l] = l < count ? ended[c] : {max_steps} + 1;
        E[l] = stop[c];
    }}
    for (long long k = first + 1; k <= last; ++k) {{
        #pragma omp simd
        for (int l = 0; l < LANES; ++l) {{
            {lane_takes}
            {each}
            const long long moving = M[l] == {moving}, good = {good};
            const long long moves = moving & good;
            {lane_moved}
            {lane_tested}
            M[l] = moves ? (done ? {converged} : {moving}) : moving ? {diverged} : M[l];
            E[l] = moving & (!good | done) ? k : E[l];
            {lane_puts}
        }}
        if (--left == 0 || k == last) {{
            left = every;
            if (points) {{
                for (int l = 0; l < count; ++l) {{
                    {lane_record}
                }}
                points += batch * {d};
            }}
        }}
        if (!points && k % 64 == 0) {{
            int any = 0;
            for (int l = 0; l < LANES; ++l)
                any |= M[l] == {moving};
            if (!any)
                break;
        }}
    }}
    for (int l = 0; l < count; ++l) {{
        {lane_stores}
        ended[b + l] = M[l];
        stop[b + l] = E[l];
    }}
}}

void play({arguments})
{{
    if (batch < 4)
        for (long long b = 0; b < batch; ++b)
            alone(b, {names});
    else
        for (long long b = 0; b < batch; b += LANES)
            together(b, batch - b < LANES ? batch - b : LANES, {names});
}}
"""

_KERNEL = """
extern "C" __global__ void play({arguments})
{{
    const long long b = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (b < batch)
        alone(b, {names});
}}
"""

# Vector versions of libm's functions, where glibc has them: they need no -ffast-math, only to be declared.
_PRELUDE = """#include <math.h>
#define QUALIFIER static
#define LANES {lanes}
#ifdef VECTOR_MATH
#define VECTOR __attribute__((simd("notinbranch")))
{declared}
#endif
"""


def c_source(program: Program, bounded: bool, tolerant: bool) -> str:
    """A C99 file with the function `play`.

    Parameters
    ----------
    program : Program
    bounded, tolerant : bool
        Whether norms are compared with a bound, and residuals with a tolerance.
    """
    parts = _parts(program, bounded, tolerant)
    used = [name for name in _VECTOR if f" {name}(" in parts["each"] + parts["lane_tested"]]
    declared = "\n".join(f"VECTOR double {n}(double{', double' if n == 'pow' else ''});" for n in used)
    prelude = _PRELUDE.format(lanes=LANES, declared=declared)
    return prelude + _ALONE.format(**parts) + _TOGETHER.format(**parts)


def cuda_source(program: Program, bounded: bool, tolerant: bool) -> str:
    """CUDA C++ with the kernel `play`: one thread per trajectory, which holds the loop over steps.

    Parameters
    ----------
    program, bounded, tolerant
        As for `c_source`.
    """
    parts = _parts(program, bounded, tolerant)
    return "#define QUALIFIER static __device__\n" + _ALONE.format(**parts) + _KERNEL.format(**parts)


def _parts(program: Program, bounded: bool, tolerant: bool) -> dict[str, str]:
    """The pieces of text that the templates put together."""
    z, s, n, p, outputs = names_of(program)
    lines = Lines([*program.point, *program.floats, *program.integers], in_c)
    square = Lines([program.square], in_c, "r") if tolerant and program.square is not None else None
    once, kept = lines.once + (square.once if square else []), lines.kept + (square.kept if square else [])
    d, inputs = len(z), [*z, *s, *n]
    kinds = dict(zip(inputs, ["double"] * len(z + s) + ["long long"] * len(n), strict=True))
    results = zip(outputs, kinds.values(), lines.results, strict=True)
    each = [*lines.each, *(f"const {kind} {name} = {text};" for name, kind, text in results)]
    good = " && ".join(f"{y} - {y} == 0.0" for y in outputs[:d])
    if bounded:
        good += f" && sqrt({' + '.join(f'{y} * {y}' for y in outputs[:d])}) <= bound"
    near = f"sqrt({square.results[0]}) <= tolerance" if square else "0"
    test = square.each if square else []
    kept_kinds = {name: "double" if kind == "f" else "long long" for name, kind in kept}
    arrays = {**kinds, **dict.fromkeys(p, "double"), **kept_kinds}
    place = {name: f"{name[0]}[{name[1:]} * batch + " for name in (*inputs, *p)}
    moved = list(zip(inputs, outputs, strict=True))
    joined = {
        "loads": [f"{kinds.get(x, 'const double')} {x} = {place[x]}b];" for x in (*inputs, *p)],
        "once": once,
        "each": each,
        "moved": [f"{x} = {y};" for x, y in moved],
        "tested": [*test, f"if ({near}) {{", f"    state = {int(Status.CONVERGED)};", "    end = k;", "}"],
        "record": [f"points[b * {d} + {k}] = {x};" for k, x in enumerate(z)],
        "stores": [f"{place[x]}b] = {x};" for x in inputs],
        "arrays": [f"{kind} {name}_[LANES];" for name, kind in arrays.items()],
        "lane_loads": [f"{kinds.get(x, 'const double')} {x} = {place[x]}c];" for x in (*inputs, *p)],
        "lane_keeps": [f"{x}_[l] = {x};" for x in arrays],
        "lane_takes": [f"{kind} {name} = {name}_[l];" for name, kind in arrays.items()],
        "lane_moved": [f"{x} = moves ? {y} : {x};" for x, y in moved],
        "lane_tested": [*test, f"const long long done = moves & ({near});"],
        "lane_puts": [f"{x}_[l] = {x};" for x in inputs],
        "lane_record": [f"points[(b + l) * {d} + {k}] = {x}_[l];" for k, x in enumerate(z)],
        "lane_stores": [f"{place[x]}b + l] = {x}_[l];" for x in inputs],
    }
    words = {status.name.lower(): str(int(status)) for status in Status}
    texts = {name: "\n    ".join(value) for name, value in joined.items()}
    return {**texts, **words, "moving": words["max_steps"], "good": good, "d": str(d), "arguments": _ARGUMENTS,
            "names": _NAMES}  # fmt: skip
