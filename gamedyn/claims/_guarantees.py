"""Claims on how far steps may go, on all zeros of a gradient, on local against global replies, and on noise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._instances import within_rounding
from gamedyn.dynamics import simulate
from gamedyn.equilibria import (
    best_reply,
    best_step_under_noise,
    certify_all,
    check_differential_nash,
    check_nash,
    find_critical_points,
    stability_region,
    stationary_covariance,
)
from gamedyn.games import FunctionGame, NoisyGame, Quadratic, SymbolicGame, adolphs_game
from gamedyn.updates import (
    Extragradient,
    OptimisticGradient,
    RungeKutta,
    SimultaneousGradientDescent,
    UpdateRule,
)

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]


def _reach(rng: Generator, turned: float) -> Evidence:
    # Steps are 1/2 throughout, and rays measured in units of it.
    angle = rng.uniform(0, 1.4)
    # R(-x) = 1 for x > 0: x^3 - 4 x^2 + 12 x - 24 = 0.
    roots = numpy.roots([1.0, -4.0, 12.0, -24.0])
    real = float(roots[numpy.argmin(abs(roots.imag))].real)
    cases: list[tuple[UpdateRule, float, float]] = [
        (SimultaneousGradientDescent(0.5), angle, 2 * float(numpy.cos(angle))),
        (RungeKutta(0.5, order=4), 0.0, real),
        (RungeKutta(0.5, order=4), numpy.pi / 2, 2 * float(numpy.sqrt(2))),
        (Extragradient(0.5), numpy.pi / 2, 1.0),
        (OptimisticGradient(0.5), numpy.pi / 2, 1 / float(numpy.sqrt(3))),
        (OptimisticGradient(0.5), 0.0, 2 / 3),
    ]
    size = rng.uniform(0.5, 2.0)
    measured = [
        stability_region(rule, resolution=21).largest_step_along(size * numpy.exp(1j * (at + turned))) * size / 2
        for rule, at, _ in cases
    ]
    return Evidence([end for _, _, end in cases], measured, 1e-8, "bisection, and rounding of radii next to 1")


def _regions(rng: Generator) -> Evidence:
    """Largest h |l| on rays: descent, RK4 on both axes, extragradient and optimistic descent on i R (equality)."""
    return _reach(rng, 0.0)


def _regions_control(rng: Generator) -> Evidence:
    """Eigenvalues turned by 0.05."""
    return _reach(rng, 0.05)


def _saddles(a: float, b: float, c: float) -> FunctionGame:
    """f = a x^2 + 2 a x y + b y^2 / 2 + 4 c y^3 / 3 - y^4 / 4, which x lowers and y raises.

    Stationary where x = -y and (b - 2 a) y + 4 c y^2 - y^3 = 0.
    """

    def gradient(z: Any) -> Any:
        x, y = z[..., 0], z[..., 1]
        return numpy.stack([2 * a * (x + y), -(2 * a * x + b * y + 4 * c * y**2 - y**3)], axis=-1)

    def losses(z: Any) -> Any:
        x, y = z[..., 0], z[..., 1]
        f = a * x**2 + 2 * a * x * y + b * y**2 / 2 + 4 * c * y**3 / 3 - y**4 / 4
        return numpy.stack([f, -f], axis=-1)

    return FunctionGame(losses, (1, 1), gradient=gradient, check=False)


def _zeros(rng: Generator, missed: float) -> Evidence:
    # The published game has a = 2, b = 2, c = 1: y = 0 and 2 +- sqrt(2).
    predicted: list[float] = []
    measured: list[float] = []
    for a, b, c in ((2.0, 2.0, 1.0), (rng.uniform(1.8, 2.2), rng.uniform(1.8, 2.2), rng.uniform(0.9, 1.1))):
        root = float(numpy.sqrt(4 * c * c + b - 2 * a))
        ys = [2 * c + root, 2 * c - root, 0.0]
        found = find_critical_points(_saddles(a, b, c), [(-5, 5), (-5, 5)], starts=64, rng=rng)
        points = numpy.full((3, 2), numpy.nan)
        points[: len(found.points)] = found.points[:3]
        predicted += [3 + missed, *[value for y in ys for value in (-y, y)]]
        measured += [len(found.points), *points.ravel()]
    return Evidence(predicted, measured, 1e-9, "Newton's method ends at rounding, over the slope at the zero")


def _all_zeros(rng: Generator) -> Evidence:
    """2 x^2 + y^2 + 4 x y + 4 y^3 / 3 - y^4 / 4 and others: x = -y, y = 0 or a quadratic's root (equality)."""
    return _zeros(rng, 0.0)


def _all_zeros_control(rng: Generator) -> Evidence:
    """Four points instead of three."""
    return _zeros(rng, 1.0)


def _proved(rng: Generator, share: float) -> Evidence:
    import sympy

    x, y = sympy.symbols("x y")
    p, q = (int(k) for k in rng.integers(5, 15, 2))
    f = x**3 / 3 - sympy.Rational(p, 7) * x + x * y - sympy.Rational(q, 9) * y**2
    # y = x / (2 b) and x^2 + x / (2 b) = a, for f = x^3 / 3 - a x + x y - b y^2.
    a, b = share * p / 7, q / 9
    middle, root = -1 / (4 * b), float(numpy.sqrt(1 / (16 * b * b) + a))
    games = [SymbolicGame([f, -f], [x, y]), adolphs_game()]
    cubic, quartic = (certify_all(game, [(-5, 5), (-5, 5)]) for game in games)
    predicted = [1.0, 1.0, 2.0, 3.0, 1.0, 1.0]
    measured: list[Any] = [cubic.complete, quartic.complete, len(cubic), len(quartic)]
    measured += [[each.kind for each in cubic.certificates] == ["saddle", "nash"]]
    measured += [[each.kind for each in quartic.certificates] == ["nash", "saddle", "attractor"]]
    ends = (middle - root, middle + root)
    predicted += [value for end in ends for value in (end, end / (2 * b))]
    predicted += [value for end in (2 + numpy.sqrt(2), 2 - numpy.sqrt(2), 0.0) for value in (-end, end)]
    measured += [value for found in (cubic, quartic) for each in found.certificates for value in each.point]
    return within_rounding(numpy.array(predicted), numpy.array(measured, float), terms=64, size=5.0)


def _certified(rng: Generator) -> Evidence:
    """x^3 / 3 - a x + x y - b y^2, a, b drawn, and Adolphs' game: proofs for all zeros, their number and kinds."""
    return _proved(rng, 1.0)


def _certified_control(rng: Generator) -> Evidence:
    """Roots as of another a."""
    return _proved(rng, 1.01)


def _deeper(rng: Generator, ratio: float) -> Evidence:
    a, coupling = rng.uniform(0.5, 0.8), rng.uniform(0.2, 0.8)
    b = ratio * rng.uniform(1.0, 1.2) * a
    # L_1 has the slope x (x - a) (x - b) + coupling y: minima at 0 and b, where it is b^3 (2 a - b) / 12.
    game = FunctionGame(
        [
            lambda x, y: x**4 / 4 - (a + b) * x**3 / 3 + a * b * x**2 / 2 + coupling * x * y,
            lambda x, y: y**2 / 2 - coupling * x * y,
        ],
        (1, 1),
    )
    box, origin = [(-0.5, 2.5), (-1.0, 1.0)], numpy.zeros(2)
    ends = numpy.array([-0.5, (a + b) / 3, 2.5])
    curvature = float(abs(3 * ends**2 - 2 * (a + b) * ends + a * b).max())
    reply = best_reply(game, origin, 0, box=box, curvature=curvature)
    nash = check_nash(game, origin, tolerance=1e-6, box=box, curvature=curvature)
    gain = b**3 * (b - 2 * a) / 12
    measured = [check_differential_nash(game, origin).is_yes, nash.is_no, reply.gain, reply.gain_bound]
    return Evidence([1.0, 1.0, gain, gain], numpy.array(measured, float), 1e-7, "best_reply's tolerance, 1e-8 relative")


def _local(rng: Generator) -> Evidence:
    """b > 2 a: 0 is differentially Nash, and moving to b pays b^3 (b - 2 a) / 12, proved the most (equality)."""
    return _deeper(rng, 2.4)


def _local_control(rng: Generator) -> Evidence:
    """a < b < 2 a: the other minimum is the shallower one."""
    return _deeper(rng, 1.5)


_PLANES, _LOOKS = 150, 20


def _settled(rng: Generator, scale: float) -> Evidence:
    a, s, c = rng.uniform(0.5, 1.0), rng.uniform(0.5, 1.0), rng.uniform(0.3, 1.0)
    h, deviation = 0.5, rng.uniform(0.5, 2.0)
    jacobian = numpy.array([[a, s], [-c, 1.5 * a]])
    game, rule = Quadratic.from_jacobian(jacobian, (1, 1)), SimultaneousGradientDescent(h)
    matrix = numpy.eye(2) - h * jacobian
    # X = M X M^T + h^2 C, row by row: (I - M (x) M) vec X = h^2 vec C.
    forcing = (h * deviation) ** 2 * numpy.eye(2).ravel()
    covariance = numpy.linalg.solve(numpy.eye(4) - numpy.kron(matrix, matrix), forcing).reshape(2, 2)
    solved = stationary_covariance(rule, game, numpy.zeros(2), (scale * deviation) ** 2).covariance
    # Independent planes, looked at when what they were has shrunk below a tenth.
    copies = Quadratic.from_jacobian(numpy.kron(jacobian, numpy.eye(_PLANES)), (_PLANES, _PLANES))
    noisy, start = NoisyGame(copies, scale * deviation), numpy.zeros(2 * _PLANES)
    path = simulate(noisy, rule, start, 15 * (_LOOKS + 2), rng=rng, record_every=15).points[-_LOOKS:]
    runs = _LOOKS * _PLANES
    ends = path.reshape(_LOOKS, 2, _PLANES).swapaxes(0, 1).reshape(2, runs)
    sampled = ends @ ends.T / runs
    diagonal = numpy.diag(covariance)
    error = 4.9 * numpy.sqrt((numpy.outer(diagonal, diagonal) + covariance**2) / runs)
    rounding = numpy.full(4, 1e-12 * diagonal.max())
    return Evidence(
        numpy.tile(covariance.ravel(), 2),
        numpy.concatenate([solved.ravel(), sampled.ravel()]),
        numpy.concatenate([rounding, error.ravel()]),
        "rounding of the solution; 4.9 standard errors of 3000 points",
    )


def _covariance(rng: Generator) -> Evidence:
    """Descent on a linear game, noise on xi of covariance C: X solves X = M X M^T + h^2 C, and runs show it."""
    return _settled(rng, 1.0)


def _covariance_control(rng: Generator) -> Evidence:
    """A fifth more noise."""
    return _settled(rng, 1.2)


def _best(rng: Generator, more: int) -> Evidence:
    from scipy.optimize import minimize_scalar

    m, deviation, distance = rng.uniform(0.5, 2.0), rng.uniform(0.2, 0.6), rng.uniform(2.0, 5.0)
    steps = int(rng.integers(3, 30))
    game = Quadratic([[[m]]], dims=(1,))
    found = best_step_under_noise(
        SimultaneousGradientDescent(), game, [0.0], deviation**2, distance=distance, steps=steps + more
    )

    def error(h: float) -> float:
        # (1 - h m)^{2 k} D^2 + s^2 h^2 (1 - (1 - h m)^{2 k}) / (1 - (1 - h m)^2).
        kept = (1 - h * m) ** (2 * steps)
        return float(kept * distance**2 + deviation**2 * h * (1 - kept) / (m * (2 - h * m)))

    best = minimize_scalar(error, bounds=(1e-6 / m, 1.2 / m), method="bounded", options={"xatol": 1e-10})
    # Minima are found to the root of rounding.
    return Evidence([best.x, best.fun], [found.step_size, found.error], [1e-5 / m, 1e-9], "flatness at the minimum")


def _best_step(rng: Generator) -> Evidence:
    """m x^2 / 2 from D away, noise s, k steps: the h that minimises the bias and variance of k steps (equality)."""
    return _best(rng, 0)


def _best_step_control(rng: Generator) -> Evidence:
    """Ten more steps."""
    return _best(rng, 10)


CLAIMS = (
    Claim(
        id="game.stability-region",
        statement="h l ends at 2 cos t: descent; 2.78529, 2 sqrt(2) i: RK4; i: extragradient; 2/3, i/sqrt(3): OGDA",
        source="symbols; derived here",
        relation="==",
        check=_regions,
        control=_regions_control,
    ),
    Claim(
        id="game.critical-points",
        statement="games like 2 x^2 + y^2 + 4 x y + 4 y^3/3 - y^4/4: three critical points, all found in a box",
        source="Adolphs et al. 2019, its game",
        relation="==",
        check=_all_zeros,
        control=_all_zeros_control,
    ),
    Claim(
        id="game.certified-points",
        statement="x^3/3 - a x + x y - b y^2: two critical points, proved: a saddle, a Nash equilibrium",
        source="derived here; Adolphs et al. 2019, its game",
        relation="==",
        check=_certified,
        control=_certified_control,
    ),
    Claim(
        id="game.local-not-nash",
        statement="own slope x (x - a)(x - b), b > 2a: 0 is differentially Nash, and deviating gains b^3 (b - 2a)/12",
        source="derived here",
        relation="==",
        check=_local,
        control=_local_control,
    ),
    Claim(
        id="game.noise-covariance",
        statement="noise of covariance C on linear xi: descent settles at X = M X M^T + h^2 C, as solved and as run",
        source="discrete Lyapunov equation",
        relation="==",
        check=_covariance,
        control=_covariance_control,
    ),
    Claim(
        id="game.best-step-noise",
        statement="m x^2/2, noise s: the best constant step for k steps minimises the bias plus variance of k steps",
        source="derived here",
        relation="==",
        check=_best_step,
        control=_best_step_control,
    ),
)
