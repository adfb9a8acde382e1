"""Evidence: the worst entry decides, infinities agree with themselves, nan cannot be judged."""

import math

import numpy
import pytest

from gamedyn.claims import Claim, Evidence


@pytest.mark.parametrize(
    ("relation", "predicted", "measured", "tolerance", "expected"),
    [
        ("==", 1.0, 1.5, 0.25, 2.0),
        ("==", 1.0, 0.5, 0.25, 2.0),
        ("<=", 1.0, 1.5, 0.25, 2.0),
        ("<=", 1.0, 0.5, 0.25, -2.0),
        (">=", 1.0, 0.5, 0.25, 2.0),
        (">=", 1.0, 1.5, 0.25, -2.0),
        ("==", 1.0, 1.0, 0.0, 0.0),
        ("==", math.inf, math.inf, 0.0, 0.0),
        ("==", math.inf, 1.0, 1.0, math.inf),
        ("<=", math.inf, 1.0, 1.0, -math.inf),
        ("==", 1.0, 1.1, 0.0, math.inf),
        ("==", [1.0, 2.0], [1.0, 2.5], 0.5, 1.0),
        ("==", [[1.0], [2.0]], 1.0, [0.5, 1.0], 2.0),
    ],
)
def test_violation_in_tolerances(relation, predicted, measured, tolerance, expected):
    assert Evidence(predicted, measured, tolerance, "x").violation(relation) == expected


def test_nan_is_undecided_wherever_it_stands():
    for evidence in (
        Evidence(0.0, [1.0, math.nan], 0.1, "x"),
        Evidence([math.nan, 0.0], 0.0, 0.1, "x"),
        Evidence(0.0, 1.0, math.nan, "x"),
    ):
        assert math.isnan(evidence.violation("=="))
        assert any(math.isnan(entry) for entry in evidence.worst("=="))


def test_worst_entry_is_shown():
    evidence = Evidence([1.0, 2.0, 3.0], [1.1, 2.5, 3.2], [0.1, 0.1, 0.2], "x")
    assert evidence.worst("==") == (2.0, 2.5, 0.1)
    # Nothing is broken: the tightest is shown.
    assert Evidence([1.0, 2.0], [0.0, 1.9], 0.1, "x").worst("<=") == (2.0, 1.9, 0.1)


@pytest.mark.parametrize(("field", "value"), [("relation", "~"), ("expected", "maybe")])
def test_a_claim_is_checked(field, value):
    fields = {"relation": "==", "expected": "holds"} | {field: value}
    with pytest.raises(ValueError, match=f"`{field}`"):
        Claim("a.b", "statement", "source", check=numpy.array, control=numpy.array, **fields)
