"""Trajectories of games and spectra of 2 x 2 matrices, against JAX's scan under jit and LAPACK.

    OMP_NUM_THREADS=1 JAX_ENABLE_X64=1 XLA_FLAGS=--xla_cpu_multi_thread_eigen=false taskset -c 0 \
        python benchmarks/bench_games.py [--only linear] [--out results/games.json]

Tasks are named by game, rule, d coordinates, B trajectories and T steps; `final` asks for the last points alone, `norm`
for |z|^2 of every trajectory after every step, `trace` for every point. JAX runs the whole loop in one compiled
function, `lax.scan` over steps with the batch as an axis (`fori_loop` where nothing is recorded), in double precision,
compiled beforehand. Ours is `simulate` with its checks: by powers of the iteration matrix where the rule is linear and
the game affine, which are known from the call before (`forgotten`: they are not); symbolic games by operations of NumPy
on kept arrays, all others step by step. Tasks named `scalars` and `compiled`, and the candidate `c`, ask for generated
code, by engine="python" and engine="c"; all code is traced and compiled beforehand, too. Step sizes are small enough
that no trajectory leaves [1e-8, 1e8].
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.interleaved import OURS, Tasks, installed, parser, report
from gamedyn.dynamics import DistanceTo, _one_step, simulate
from gamedyn.dynamics._compiler import compiler
from gamedyn.equilibria import game_spectrum
from gamedyn.games import DiracGAN, Game, Quadratic, SymbolicGame
from gamedyn.updates import Extragradient, OptimisticGradient, SimultaneousGradientDescent, UpdateRule

H = 0.01
LINEAR = [
    (2, 1, 10_000),
    (2, 1, 100_000),
    (2, 100, 10_000),
    (2, 10_000, 1_000),
    (10, 1, 10_000),
    (10, 1, 100_000),
    (10, 100, 10_000),
    (10, 10_000, 1_000),
    (100, 1, 10_000),
    (100, 100, 10_000),
    (100, 10_000, 100),
]
RULES: dict[str, UpdateRule] = {"EG": Extragradient(H), "OGDA": OptimisticGradient(H)}
SQUARES = {"norm": DistanceTo(squared=True)}


def stable_game(d: int) -> Quadratic:
    """A bilinear coupling with a little curvature of its own, so that norms neither vanish nor blow up."""
    rng = numpy.random.default_rng(d)
    half = d // 2
    coupling = rng.standard_normal((half, half)) / numpy.sqrt(half)
    own = 1e-3 * numpy.eye(half)
    return Quadratic.from_jacobian(numpy.block([[own, coupling], [-coupling.T, own]]), (half, half))


def dirac() -> SymbolicGame:
    """min_x max_y -log(1 + exp(-x y)) up to a constant, as a SymPy expression."""
    import sympy

    x, y = sympy.symbols("x y")
    loss = sympy.log(1 + sympy.exp(x * y))
    return SymbolicGame([-loss, loss], [x, y])


def ours(
    game: Game, rule: UpdateRule, z: numpy.ndarray, steps: int, kind: str, engine: str = "auto"
) -> Callable[[], Any]:
    """What is timed of this library."""
    options: dict[str, Any] = {"engine": engine}
    if kind == "final":
        return lambda: simulate(game, rule, z, steps, record_every=steps, record_points=False, **options).final
    if kind == "norm":
        options["observe"] = SQUARES
        return lambda: simulate(game, rule, z, steps, record_points=False, **options).observed["norm"][1:]
    return lambda: simulate(game, rule, z, steps, **options).points[1:]


def forgotten(function: Callable[[], Any]) -> Callable[[], Any]:
    """The function as if it were called for the first time."""

    def first() -> Any:
        _one_step._kept.clear()
        return function()

    return first


def jax_loop(gradient: Callable[[Any], Any], name: str, z: numpy.ndarray, steps: int, kind: str) -> Callable[[], Any]:
    """The same run in one compiled function."""
    import jax
    from jax import lax
    from jax import numpy as jnp

    def step(carry: Any) -> Any:
        w, previous = carry
        xi = gradient(w)
        if name == "OGDA":
            return w - 2 * H * xi + H * previous, xi
        if name == "EG":
            return w - H * gradient(w - H * xi), previous
        return w - H * xi, previous

    def seen(w: Any) -> Any:
        return jnp.sum(w * w, axis=-1) if kind == "norm" else w

    def whole(start: Any) -> Any:
        # Only the optimistic rule remembers anything.
        carry = (start, gradient(start) if name == "OGDA" else jnp.zeros(()))
        if kind == "final":
            return lax.fori_loop(0, steps, lambda _, c: step(c), carry)[0]

        def recorded(c: Any, _: Any) -> Any:
            c = step(c)
            return c, seen(c[0])

        return lax.scan(recorded, carry, None, length=steps)[1]

    compiled = jax.jit(whole)
    start = jnp.asarray(z)
    compiled(start).block_until_ready()
    return lambda: compiled(start).block_until_ready()


def starts(batch: int, d: int) -> numpy.ndarray:
    """One point, or a batch of them."""
    z = numpy.random.default_rng(1).standard_normal((batch, d))
    return z if batch > 1 else z[0]


def linear_tasks(tasks: Tasks) -> None:
    """The bilinear table: final points, and the norm after every step."""
    for kind in ("final", "norm"):
        for d, batch, steps in LINEAR:
            for name, rule in RULES.items():
                z, game = starts(batch, d), stable_game(d)
                functions = {OURS: ours(game, rule, z, steps, kind)}
                functions[f"{OURS}, forgotten"] = forgotten(functions[OURS])
                if installed("jax"):
                    from jax import numpy as jnp

                    transposed = jnp.asarray(game.jacobian(numpy.zeros(d))).T
                    gradient = lambda w, matrix=transposed: w @ matrix  # noqa: E731
                    functions["JAX"] = jax_loop(gradient, name, z, steps, kind)
                tasks[f"linear {name}, {kind}, d = {d}, B = {batch}, T = {steps}"] = functions


def nonlinear_tasks(tasks: Tasks) -> None:
    """The Dirac-GAN, whose gradient is one sigmoid."""
    games = {"symbolic": dirac(), "DiracGAN": DiracGAN()}
    rules = {"GDA": SimultaneousGradientDescent(H), "EG": Extragradient(H)}
    for kind in ("final", "norm", "trace"):
        for batch, steps in ((5_000, 1_000), (10_000, 500)):
            for name, rule in rules.items():
                z = starts(batch, 2)
                first, *others = (ours(game, rule, z, steps, kind) for game in games.values())
                functions = {OURS: first, f"{OURS}, DiracGAN": others[0]}
                if compiler() is not None:
                    functions[f"{OURS}, c"] = ours(games["symbolic"], rule, z, steps, kind, "c")
                if installed("jax"):
                    functions["JAX"] = jax_loop(jax_dirac, name, z, steps, kind)
                tasks[f"nonlinear {name}, {kind}, d = 2, B = {batch}, T = {steps}"] = functions


def generated_tasks(tasks: Tasks) -> None:
    """The Dirac-GAN by generated code: one trajectory as scalars of Python against steps of arrays, and as C."""
    rules = {"GDA": SimultaneousGradientDescent(H), "EG": Extragradient(H)}
    sizes = {"scalars": [(1, 10_000)], "compiled": [(1, 10_000), (1, 100_000), (100, 10_000), (10_000, 1_000)]}
    for engine, name in (("python", "scalars"), ("c", "compiled")):
        for kind in ("final", "trace"):
            for batch, steps in sizes[name]:
                for rule_name, rule in rules.items():
                    z = starts(batch, 2)
                    functions = {OURS: ours(dirac(), rule, z, steps, kind, engine)}
                    if name == "scalars":
                        functions["step by step"] = ours(dirac(), rule, z, steps, kind, "step")
                    if installed("jax"):
                        functions["JAX"] = jax_loop(jax_dirac, rule_name, z, steps, kind)
                    tasks[f"{name} {rule_name}, {kind}, d = 2, B = {batch}, T = {steps}"] = functions


def jax_dirac(w: Any) -> Any:
    """xi of the Dirac-GAN."""
    import jax
    from jax import numpy as jnp

    share = jax.nn.sigmoid(w[..., 0] * w[..., 1])
    return jnp.stack([-share * w[..., 1], share * w[..., 0]], axis=-1)


def spectrum_tasks(tasks: Tasks) -> None:
    """Eigenvalues of 10^4 Jacobians of two rows, sorted."""
    points = starts(10_000, 2)
    jacobians = DiracGAN().jacobian(points)

    class Given(Game):
        dims = (1, 1)

        def losses(self, z: Any) -> Any:
            return z

        def jacobian(self, z: Any) -> Any:
            return jacobians

    def sorted_spectra() -> Any:
        return numpy.sort(numpy.linalg.eigvals(jacobians), axis=-1)

    tasks["spectra, 10000 2 x 2 matrices"] = {
        OURS: lambda: game_spectrum(Given(), points),
        "numpy.linalg.eigvals, sorted": sorted_spectra,
        "numpy.linalg.eigvals": lambda: numpy.linalg.eigvals(jacobians),
    }


def large_tasks(tasks: Tasks) -> None:
    """Ten thousand trajectories of ten thousand extragradient steps."""
    z, rule, steps = starts(10_000, 2), RULES["EG"], 10_000
    for name, game in (("nonlinear", dirac()), ("linear", stable_game(2))):
        tasks[f"large {name} EG, final, d = 2, B = 10000, T = {steps}"] = {OURS: ours(game, rule, z, steps, "final")}


def main() -> None:
    """Measure, print the tables, and write them where asked."""
    arguments = parser(__doc__).parse_args()
    tasks: Tasks = {}
    for make in (linear_tasks, nonlinear_tasks, generated_tasks, spectrum_tasks, large_tasks):
        make(tasks)
    # Traces cross zero, where a relative error means little.
    bounds = {task: 1e-4 if "trace" in task else 1e-7 for task in tasks}
    report(tasks, arguments, rtol=bounds, incomparable=frozenset({"numpy.linalg.eigvals"}))


if __name__ == "__main__":
    main()
