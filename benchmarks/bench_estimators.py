"""Estimates of KL from samples against scikit-learn's trees for the same work, on one thread.

    OMP_NUM_THREADS=1 python benchmarks/bench_estimators.py [--rounds 7] [--out results/estimators.json]

Candidates take turns in every round, and must agree first: those that estimate the same thing otherwise, "two
distances" and "with error", do not. "common balls" is our estimator, counts in the ball that holds k points of either
sample, written with scikit-learn's KDTree; "two distances" the one of Wang, Kulkarni and Verdu, which needs no counts.
`floor` is the two searches for the k-th neighbour by SciPy's tree, which neither can do without. Times as in
interleaved.py.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
from scipy.spatial import cKDTree
from scipy.special import digamma

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.interleaved import FLOOR, OURS, Tasks, installed, parser, report
from gamedyn import divergences

K = 5
ERROR, DISTANCES = "gamedyn, with error", "scikit-learn KDTree, two distances"


def neighbours(rng: numpy.random.Generator, n: int, d: int) -> dict[str, Callable[[], Any]]:
    """KL of two normal laws by five neighbours."""
    x, y = rng.standard_normal((n, d)), rng.standard_normal((n, d)) + 0.5

    def ours(**options: Any) -> float:
        return float(divergences.estimate_divergence(x, y, "kl", k=K, rng=0, **options))

    functions: dict[str, Callable[[], Any]] = {
        OURS: lambda: ours(subsamples=0),
        ERROR: ours,
        FLOOR: lambda: [cKDTree(sample).query(x, k=[rank]) for sample, rank in ((x, K + 1), (y, K))],
    }
    if installed("sklearn"):
        from sklearn.neighbors import KDTree

        def radii() -> tuple[Any, Any, Any, Any]:
            tree_x, tree_y = KDTree(x), KDTree(y)
            return tree_x, tree_y, tree_x.query(x, k=K + 1)[0][:, K], tree_y.query(x, k=K)[0][:, K - 1]

        def common_balls() -> float:
            tree_x, tree_y, own, other = radii()
            radius = numpy.maximum(own, other)
            inside = [tree.query_radius(x, radius * (1 + 1e-13), count_only=True) for tree in (tree_x, tree_y)]
            a = numpy.maximum(inside[0] - 1, K) + (own < radius)
            b = numpy.maximum(inside[1], K) + (other < radius)
            return float(numpy.mean(digamma(a) - digamma(b)) + numpy.log(n / (n - 1)))

        def two_distances() -> float:
            _, _, own, other = radii()
            return float(d * numpy.mean(numpy.log(other / own)) + numpy.log(n / (n - 1)))

        functions["scikit-learn KDTree, common balls"] = common_balls
        functions[DISTANCES] = two_distances
    return functions


def main() -> None:
    """Measure, print the tables, and write them where asked."""
    arguments = parser(__doc__).parse_args()
    rng = numpy.random.default_rng(2009)
    tasks: Tasks = {f"kNN-KL, {n} x {d}": neighbours(rng, n, d) for n, d in ((10_000, 4), (10_000, 2), (2000, 8))}
    # With its error the rows come in another order; two distances are another estimator.
    report(tasks, arguments, rtol=1e-9, incomparable=frozenset({ERROR, DISTANCES}))


if __name__ == "__main__":
    main()
