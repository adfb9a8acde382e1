"""Facts about conformance: our functions pass everywhere, known mistakes fail where they are known to."""

import functools
import math

import numpy
import pytest
import scipy.spatial.distance
import scipy.special
import scipy.stats
from mpmath import exp, log, mpf, sqrt, workdps

from gamedyn import divergences, transport
from gamedyn.testing import conformance
from gamedyn.testing._references import LINE, MASSES, TRANSPORT, reference

FAMILIES = ("alpha_divergence", "renyi_divergence", "tsallis_divergence")
PLAIN = [name for name in MASSES if name not in FAMILIES]


@pytest.mark.parametrize("name", PLAIN)
def test_our_divergences_pass(name):
    table = conformance(getattr(divergences, name), name)
    assert table.passed, str(table)


@pytest.mark.parametrize(
    ("name", "alpha"),
    [(name, alpha) for name in FAMILIES for alpha in (0.0, 0.5, 1.0, 2.5)]
    + [("alpha_divergence", -1.5), ("renyi_divergence", math.inf)],
)
def test_our_families_pass(name, alpha):
    function = functools.partial(getattr(divergences, name), alpha=alpha)
    table = conformance(function, name, alpha=alpha)
    assert table.passed, str(table)


@pytest.mark.parametrize("order", [1, 2, 3.5, 600, math.inf])
def test_our_distances_on_the_line_pass(order):
    table = conformance(lambda x, y: transport.wasserstein_on_line(x, y, order), "wasserstein_on_line", order=order)
    assert table.passed, str(table)


@pytest.mark.parametrize("epsilon", [0.5, 3.0])
def test_our_other_distances_pass(epsilon):
    functions = {
        "energy_distance": divergences.energy_distance,
        "energy_distance_root": lambda x, y: divergences.energy_distance(x, y, root=True),
        "sinkhorn": lambda x, y: transport.sinkhorn(x, y, epsilon=epsilon, tolerance=1e-13),
        "sinkhorn_divergence": lambda x, y: transport.sinkhorn_divergence(x, y, epsilon=epsilon, tolerance=1e-13),
    }
    assert {*functions, "wasserstein_on_line"} == {*LINE, *TRANSPORT}
    for name, function in functions.items():
        table = conformance(function, name, epsilon=epsilon)
        assert table.passed, str(table)


def test_scipy_loses_nearly_equal_laws():
    table = conformance(scipy.stats.entropy, "kl_divergence")
    failed = {case.case for case in table.failures}
    assert {f"nearly equal, by 2^-{power}" for power in (24, 31, 40)} <= failed
    passed = {case.case for case in table.cases if case.passed}
    assert {"ordinary", "ordinary, 8 outcomes", "equal", "zeros of p", "zeros of q", "disjoint"} <= passed


def test_scipy_returns_the_distance_and_the_root():
    js = scipy.spatial.distance.jensenshannon
    assert "ordinary" in {case.case for case in conformance(js, "jensen_shannon_divergence").failures}
    assert "ordinary" in {case.case for case in conformance(js, "jensen_shannon_distance").cases if case.passed}
    table = conformance(scipy.stats.energy_distance, "energy_distance")
    assert {"equal sizes", "ties"} <= {case.case for case in table.failures}
    table = conformance(scipy.stats.energy_distance, "energy_distance_root")
    assert {"equal sizes", "ties"} <= {case.case for case in table.cases if case.passed}
    assert conformance(scipy.stats.wasserstein_distance, "wasserstein_on_line").cases[0].passed


@pytest.mark.parametrize(
    ("wrong", "caught"),
    [
        (lambda p, q: float(divergences.kl_divergence(q, p)), "ordinary"),
        (lambda p, q: float(divergences.kl_divergence(p, q)) * (1 + 1e-11), "ordinary"),
        (lambda p, q: float(numpy.sum(p * numpy.log(numpy.clip(p, 1e-12, 1) / numpy.clip(q, 1e-12, 1)))), "disjoint"),
        (lambda p, q: float(numpy.sum(scipy.special.kl_div(p, q))) + 1e-20, "equal"),
        (lambda p, q: -math.inf, "disjoint"),
        (lambda p, q: math.inf, "ordinary"),
        (lambda p, q: math.nan, "disjoint"),
        (lambda p, q: p.sort(), "ordinary"),
    ],
)
def test_mistakes_are_caught(wrong, caught):
    table = conformance(wrong, "kl_divergence")
    assert not table.passed
    assert caught in {case.case for case in table.failures}


def test_errors_and_wrong_reads_are_rows():
    def refuses(p, q):
        if not q.all():
            raise ZeroDivisionError("a zero")
        return divergences.kl_divergence(p, q)

    table = conformance(refuses, "kl_divergence")
    row = next(case for case in table.cases if case.case == "disjoint")
    assert (row.note, row.passed, row.error) == ("ZeroDivisionError: a zero", False, math.inf)
    text = str(table)
    assert text.splitlines()[0] == "kl_divergence = sum p log(p / q), in nats"
    assert "NO  ZeroDivisionError: a zero" in text
    assert len(text.splitlines()) == 2 + len(table.cases)


def test_a_function_cannot_spoil_the_next_case():
    def greedy(p, q):
        value = divergences.kl_divergence(p, q)
        p[:], q[:] = 0, 0
        return value

    assert conformance(greedy, "kl_divergence").passed


def test_tolerance_is_the_users():
    loose = conformance(scipy.stats.entropy, "kl_divergence", tolerance=10.0)
    assert loose.passed
    assert all(case.tolerance == 10.0 for case in loose.cases)


def test_references_are_what_theory_gives():
    with workdps(40):
        half, sure = [0.5, 0.5], [1.0, 0.0]
        known = {
            "kl_divergence": mpf("inf"),
            "jensen_shannon_divergence": (log(mpf(2) / 3) / 2 + log(2) / 2 + log(mpf(4) / 3)) / 2,
            "total_variation_distance": mpf(1) / 2,
            "squared_hellinger_distance": 1 - sqrt(mpf(1) / 2),
            "bhattacharyya_distance": log(2) / 2,
            "neyman_divergence": mpf(1),
            "entropy": log(2),
            "chernoff_information": log(2),
        }
        for name, value in known.items():
            found = reference(name, (half, sure))
            assert found == value or abs(found - value) < mpf(10) ** -38, name
        assert abs(reference("renyi_divergence", (sure, half), 2.0) - log(2)) < mpf(10) ** -38
        assert abs(reference("renyi_divergence", (sure, half), math.inf) - log(2)) < mpf(10) ** -38
        # One pmf of half the mass counts as the pmf.
        assert abs(reference("kl_divergence", ([0.25, 0.0], half)) - log(2)) < mpf(10) ** -38
        assert abs(reference("wasserstein_on_line", ([0.0, 1.0], [0.0, 1.0, 1.0]), 1.0) - mpf(1) / 6) < mpf(10) ** -38
        assert reference("energy_distance", ([0.0], [3.0])) == 6
        # Two points on themselves: both margins are met by the odds exp(cost / epsilon), and the value is a logarithm.
        value = reference("sinkhorn", ([0.0, 1.0], [0.0, 1.0]), 0.5)
        assert abs(value - log(2 / (1 + exp(-2))) / 2) < mpf(10) ** -38


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match=r"`name` must be one of .*Did you mean 'kl_divergence'"):
        conformance(scipy.stats.entropy, "kl_divergences")
    with pytest.raises(ValueError, match="`tolerance` must be positive"):
        conformance(scipy.stats.entropy, "kl_divergence", tolerance=0.0)
