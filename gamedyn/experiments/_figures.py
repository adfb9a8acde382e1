"""The figures of a comparison of two samples, each with its error and one plain sentence."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy

from gamedyn.divergences import estimate_divergence, two_sample_test
from gamedyn.numerics import Estimate
from gamedyn.transport import sliced_wasserstein, wasserstein_on_line

__all__ = ["Figure", "distance_figures", "information_figures", "underestimates"]

_LOG_4 = math.log(4.0)
_NEIGHBOURS = 5
_FULL = 0.8  # of log(rows / neighbours), above which the estimate of KL by counts saturates
_ROUNDING = 1e-9  # nats: a bound of exactly 0 comes with some rounding
_BLOCK = 2**21  # distances held at a time, 16 MB
_Z = 1.959963984540054  # the 97.5 % quantile of the normal law
_METHODS = {"knn": "nearest neighbours", "classifier": "classifier, a lower bound"}


@dataclass(frozen=True)
class Figure:
    """One number of a comparison.

    Parameters
    ----------
    name : str
        Fixed name, such as "kl_a_b", "js", "gan_value", "w1[height]", "sliced_w1", "energy_distance".
    value : float
        Divergences are cut to the range of the truth: KL at 0, JS at 0 and log 2.
    standard_error : float
        nan where none is known.
    interval : tuple of float
        (lower, upper) at `level`; upper is inf where the method cannot show how large the truth is.
    level : float
        Nominal coverage.
    method : str
        How it was found, and what its error covers.
    unit : str
        "nats", or the unit of the data.
    sentence : str
        What it says, in plain words.
    p_value : float, optional
        Of the permutation test, for the energy distance.
    under_equality : float, optional
        What two samples of one law would show on average, for transport distances.
    """

    name: str
    value: float
    standard_error: float
    interval: tuple[float, float]
    level: float
    method: str
    unit: str
    sentence: str
    p_value: float | None = None
    under_equality: float | None = None


def information_figures(x: numpy.ndarray, y: numpy.ndarray, labels: tuple[str, str], rng: Any) -> Iterator[Figure]:
    """KL both ways, JS and the GAN value, by nearest neighbours and by a classifier, cut to where the truth can lie.

    Parameters
    ----------
    x, y : array, shapes (n, d) and (m, d)
    labels : tuple of str
        What to call the samples.
    rng : numpy.random.Generator
    """
    a, b = labels
    values: list[Figure] = []
    for method in _METHODS:
        for name, first, second, one, other in (("kl_a_b", x, y, a, b), ("kl_b_a", y, x, b, a)):
            found = _within(estimate_divergence(first, second, "kl", method=method, k=_NEIGHBOURS, rng=rng), math.inf)
            if method == "knn" and found.value > _FULL * math.log(len(first) / _NEIGHBOURS):
                yield _at_ceiling(name, found, len(first), one, other)
            else:
                yield _nats(name, found, method, _kl_sentence(found, one, other))
        found = _within(estimate_divergence(x, y, "js", method=method, k=_NEIGHBOURS, rng=rng), math.log(2.0))
        yield _nats("js", found, method, _js_sentence(found))
        values.append(_gan_value(found, method))
    yield from values


def underestimates(figures: Iterable[Figure], columns: int) -> list[str]:
    """One sentence where a nearest-neighbour estimate lies below what the classifier proves, else nothing.

    Parameters
    ----------
    figures : iterable of Figure
        As `information_figures` gives them.
    columns : int
        How many columns were compared.
    """
    found = {(figure.name, figure.method): figure for figure in figures}
    titles = {"kl_a_b": "KL(A || B)", "kl_b_a": "KL(B || A)", "js": "JS(A, B)"}
    low = [
        title
        for name, title in titles.items()
        if _closed_end(found[name, _METHODS["knn"]]) < found[name, _METHODS["classifier"]].interval[0]
    ]
    if not low:
        return []
    return [
        f"{', '.join(low)}: the nearest-neighbour estimate lies below the classifier's lower bound. In {columns} "
        "columns neighbours are far away and such estimates come out too small: trust the bound."
    ]


def _closed_end(figure: Figure) -> float:
    """Where the interval would end had it not been opened because the estimate saturates."""
    return figure.value + _Z * figure.standard_error


def distance_figures(
    x: numpy.ndarray,
    y: numpy.ndarray,
    names: tuple[str, ...],
    varying: numpy.ndarray,
    unit: str,
    *,
    projections: int,
    permutations: int,
    rng: Any,
) -> Iterator[Figure]:
    """W_1 of every column, and sliced W_1 and the energy distance over all varying columns.

    Parameters
    ----------
    x, y : array, shapes (n, d) and (m, d)
    names : tuple of str
        Of the columns.
    varying : array of bool, shape (d,)
        Which columns are not constant over both samples.
    unit : str
        Of the data.
    projections, permutations : int
    rng : numpy.random.Generator
    """
    for i in numpy.flatnonzero(varying):
        yield _column_distance(x[:, i], y[:, i], names[i], unit)
    u, v = x[:, varying], y[:, varying]
    yield _sliced_distance(u, v, unit, projections, rng)
    yield _energy(u, v, unit, permutations, rng)


def _within(found: Estimate, most: float) -> Estimate:
    """The estimate with value and interval cut to [0, most], where the truth lies."""
    value, lower, upper = (min(max(float(v), 0.0), most) for v in (found.value, found.lower, found.upper))
    return replace(found, value=value, lower=lower, upper=upper, standard_error=float(found.standard_error))


def _nats(name: str, found: Estimate, method: str, sentence: str) -> Figure:
    return Figure(
        name, found.value, found.standard_error, found.interval, found.level, _METHODS[method], "nats", sentence
    )


def _at_ceiling(name: str, found: Estimate, rows: int, one: str, other: str) -> Figure:
    """Counts of neighbours cannot show more than log(rows / k): the truth may be any larger number."""
    sentence = (
        f"A row of {one} carries at least about {found.value:.3g} nats of evidence that it is not from {other}: "
        f"neighbours among {rows} rows cannot show more."
    )
    return _nats(name, replace(found, upper=math.inf), "knn", sentence)


def _kl_sentence(found: Estimate, one: str, other: str) -> str:
    if not math.isfinite(found.standard_error):
        return "Too few rows for an interval."
    if not found.lower > _ROUNDING:
        return f"No sign that rows of {one} could not come from {other}: the interval reaches 0."
    return f"A row of {one} carries on average {found.value:.3g} nats of evidence that it is not from {other}."


def _js_sentence(found: Estimate) -> str:
    if not math.isfinite(found.standard_error):
        return "Too few rows for an interval."
    if not found.lower > _ROUNDING:
        return "No discriminator is seen to do better than guessing: the interval reaches 0."
    # min over D of the mean cross-entropy is log 2 - JS.
    best = math.log(2.0) - found.value
    return f"The best discriminator's cross-entropy is {best:.2g} nats, where guessing has 0.693 and certainty 0."


def _gan_value(js: Estimate, method: str) -> Figure:
    value, lower, upper = (2 * v - _LOG_4 for v in (js.value, js.lower, js.upper))
    sentence = (
        "The GAN's value -log 4 + 2 JS under an optimal discriminator: -1.386 for equal laws, 0 for disjoint ones."
    )
    return Figure(
        "gan_value",
        value,
        2 * js.standard_error,
        (lower, upper),
        js.level,
        f"from JS, {_METHODS[method]}",
        "nats",
        sentence,
    )


def _column_distance(x: numpy.ndarray, y: numpy.ndarray, name: str, unit: str) -> Figure:
    value = float(wasserstein_on_line(x, y))
    variance, noise = _line_error(x, y)
    deviation = float(numpy.std(numpy.concatenate([x, y])))
    sentence = (
        f"Turning one sample of {_called(name)} into the other moves it by {value:.3g} per row, "
        f"{value / deviation:.2g} standard deviations; two samples of one law would show about {noise:.2g}."
    )
    return _distance(f"w1[{name}]", value, math.sqrt(variance), "exact; error by the potential", unit, sentence, noise)


def _called(name: str) -> str:
    return f"column {name}" if name.isdecimal() else name


def _sliced_distance(x: numpy.ndarray, y: numpy.ndarray, unit: str, projections: int, rng: Any) -> Figure:
    found = sliced_wasserstein(x, y, 1, projections, rng=rng)
    value = float(found)
    directions = rng.standard_normal((min(projections, 50), x.shape[1]))
    directions /= numpy.linalg.norm(directions, axis=1, keepdims=True)
    potentials = [_line_potentials(x @ u, y @ u) for u in directions]
    variance = sum(
        float(numpy.var(numpy.mean([pair[side] for pair in potentials], axis=0))) / size
        for side, size in ((0, len(x)), (1, len(y)))
    )
    noise = float(numpy.mean([_line_noise(x @ u, y @ u) for u in directions]))
    error = math.hypot(math.sqrt(variance), float(found.standard_error))
    sentence = (
        f"Averaged over directions, turning one sample into the other moves a row by {value:.3g}; two samples of one "
        f"law would show about {noise:.2g}."
    )
    method = f"{projections} random directions; error of directions and samples"
    return _distance("sliced_w1", value, error, method, unit, sentence, noise)


def _energy(x: numpy.ndarray, y: numpy.ndarray, unit: str, permutations: int, rng: Any) -> Figure:
    found = two_sample_test(x, y, permutations=permutations, rng=rng)
    noise, error = float(numpy.mean(found.null)), _energy_error(x, y)
    verdict = "the samples differ" if found.pvalue < 0.05 else "no difference is seen"
    sentence = (
        f"Shuffling the rows between the samples gives {noise:.2g} on average and as much as this with p = "
        f"{found.pvalue:.2g}: {verdict}."
    )
    method = f"{permutations} permutations"
    figure = _distance("energy_distance", float(found.statistic), error, method, unit, sentence, noise)
    return replace(figure, p_value=float(found.pvalue))


def _energy_error(x: numpy.ndarray, y: numpy.ndarray) -> float:
    """The standard error of 2 E|X - Y| - E|X - X'| - E|Y - Y'|, by the mean distances of each point."""
    variance = 0.0
    for own, other in ((x, y), (y, x)):
        # A point enters both of its sample's expectations twice.
        pull = 2 * (_mean_distances(own, other) - _mean_distances(own, own))
        variance += float(numpy.var(pull)) / len(own)
    return math.sqrt(variance)


def _mean_distances(points: numpy.ndarray, sample: numpy.ndarray) -> numpy.ndarray:
    from scipy.spatial.distance import cdist

    step = max(1, _BLOCK // len(sample))
    return numpy.concatenate([cdist(points[i : i + step], sample).mean(axis=1) for i in range(0, len(points), step)])


def _distance(name: str, value: float, error: float, method: str, unit: str, sentence: str, noise: float) -> Figure:
    interval = (max(value - _Z * error, 0.0), value + _Z * error)
    return Figure(name, value, error, interval, 0.95, method, unit, sentence, under_equality=noise)


def _line_error(x: numpy.ndarray, y: numpy.ndarray) -> tuple[float, float]:
    """(variance of the sample's W_1 by its potential, its mean under equality)."""
    f, g = _line_potentials(x, y)
    return float(numpy.var(f) / len(x) + numpy.var(g) / len(y)), _line_noise(x, y)


def _line_potentials(x: numpy.ndarray, y: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    """The potential at the points of x and of y: its slope is -sign(F - G), and W_1 = E_x f - E_y f."""
    z, order, difference = _merged(x, y)
    steps = -numpy.sign(difference[:-1]) * numpy.diff(z)
    values = numpy.empty(len(z))
    values[order] = numpy.concatenate([[0.0], numpy.cumsum(steps)])
    return values[: len(x)], values[len(x) :]


def _line_noise(x: numpy.ndarray, y: numpy.ndarray) -> float:
    """E W_1 of two large samples of the pooled law H: integral of sqrt(2 / pi H (1 - H) (1 / n + 1 / m))."""
    z, _, _ = _merged(x, y)
    h = numpy.arange(1, len(z)) / len(z)
    return float(numpy.sum(numpy.sqrt(2 / math.pi * h * (1 - h) * (1 / len(x) + 1 / len(y))) * numpy.diff(z)))


def _merged(x: numpy.ndarray, y: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
    """(sorted values of both, their order, F - G just after each)."""
    both = numpy.concatenate([x, y])
    order = numpy.argsort(both, kind="stable")
    from_x = order < len(x)
    return both[order], order, numpy.cumsum(from_x) / len(x) - numpy.cumsum(~from_x) / len(y)
