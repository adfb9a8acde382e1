"""verify: verdicts from evidence and control, instances from seed and id, failures that do not hide the rest."""

import json
import math

import numpy
import pytest

import gamedyn
from gamedyn import claims
from gamedyn.backend import MissingExtraError
from gamedyn.claims import Claim, Evidence, _registry, _verify, run_claim

GOOD = Evidence(1.0, 1.0, 0.1, "by hand")
BAD = Evidence(1.0, 2.0, 0.1, "by hand")
UNKNOWN = Evidence(1.0, math.nan, 0.1, "by hand")


def make(check, control, **options):
    def call(evidence):
        def run(rng):
            if isinstance(evidence, Exception):
                raise evidence
            return evidence(rng) if callable(evidence) else evidence

        return run

    return Claim(options.pop("id", "div.x"), "x = x", "nobody", "==", call(check), call(control), **options)


@pytest.fixture
def registered(monkeypatch):
    def register(*made):
        monkeypatch.setattr(_registry, "_claims_by_group", lambda: {"Heading": made})

    register(make(GOOD, BAD))
    return register


@pytest.mark.parametrize(
    ("check", "control", "expected", "verdict", "control_verdict"),
    [
        (GOOD, BAD, "holds", "holds", "refuted"),
        (BAD, BAD, "holds", "fails", "refuted"),
        (BAD, BAD, "refuted", "refuted", "refuted"),
        (GOOD, BAD, "refuted", "fails", "refuted"),
        (GOOD, GOOD, "holds", "fails", "not refuted"),
        (BAD, GOOD, "refuted", "fails", "not refuted"),
        (GOOD, UNKNOWN, "holds", "fails", "undecided"),
        (UNKNOWN, BAD, "holds", "undecided", "refuted"),
        (UNKNOWN, BAD, "refuted", "undecided", "refuted"),
        (ValueError("broken"), BAD, "holds", "fails", "undecided"),
        (GOOD, ValueError("broken"), "holds", "fails", "undecided"),
        (MissingExtraError("install it"), BAD, "holds", "undecided", "undecided"),
    ],
)
def test_verdicts(check, control, expected, verdict, control_verdict, registered):
    result = run_claim(make(check, control, expected=expected))
    assert (result.verdict, result.control) == (verdict, control_verdict)
    assert bool(result.reason) == (verdict in ("fails", "undecided"))


def test_the_worst_instance_is_reported(registered):
    def drawn(rng):
        return Evidence(0.0, rng.random(), 2.0, "by hand")

    result = run_claim(make(drawn, BAD), cases=20, seed=3)
    values = [_verify.claim_rng("div.x", 3, case).random() for case in range(20)]
    assert result.measured == max(values)
    assert result.case == int(numpy.argmax(values))
    # Of a statement that is to be refuted, the weakest counter-example.
    refuted = run_claim(
        make(lambda rng: Evidence(0.0, rng.random(), 1e-9, "x"), BAD, expected="refuted"), cases=20, seed=3
    )
    assert refuted.measured == min(values)


def test_control_breaks_the_instance_that_was_checked(registered):
    seen = []

    def note(evidence):
        return lambda rng: seen.append(rng.random()) or evidence

    run_claim(make(note(GOOD), note(BAD)), cases=3)
    assert seen[0::2] == seen[1::2]
    assert len(set(seen)) == 3


def test_an_instance_depends_on_seed_id_and_case_alone(registered):
    def drawn(rng):
        return Evidence(0.0, rng.random(), 2.0, "by hand")

    first, second = make(drawn, BAD, id="div.a"), make(drawn, BAD, id="div.b")
    registered(first, second)
    both = claims.verify(seed=5)
    alone = claims.verify("div.b", seed=5)
    assert both["div.b"].measured == alone["div.b"].measured
    assert both["div.a"].measured != both["div.b"].measured
    assert claims.verify("div.b", seed=6)["div.b"].measured != alone["div.b"].measured


def test_result_is_data(registered):
    registered(make(GOOD, BAD, id="div.a"), make(BAD, BAD, id="div.b"), make(BAD, BAD, id="div.c", expected="refuted"))
    seen = []
    result = claims.verify(progress=lambda number, total, claim: seen.append((number, total, claim.id)))
    assert seen == [(1, 3, "div.a"), (2, 3, "div.b"), (3, 3, "div.c")]
    assert result.counts == {"holds": 1, "refuted": 1, "fails": 1, "undecided": 0}
    assert not result.as_expected
    assert claims.verify(["div.a", "div.c"]).as_expected
    registered(make(UNKNOWN, BAD))
    assert not claims.verify().as_expected
    assert [row.id for row in result] == ["div.a", "div.b", "div.c"]
    assert len(result) == 3
    with pytest.raises(KeyError):
        result["div.d"]
    assert result.reproduce("div.b") == "gamedyn verify div.b --seed 0"


def test_document_is_strict_json(registered):
    registered(make(Evidence([math.inf, 1.0], [math.inf, math.nan], math.inf, "x"), BAD))
    document = json.loads(json.dumps(claims.verify(cases=2, seed=7).to_dict(), allow_nan=False))
    assert document["schema"] == "gamedyn.verify/1"
    (row,) = document["claims"]
    promised = "id statement source relation verdict predicted measured tolerance seconds"
    assert set(promised.split()) <= set(row)
    assert row["measured"] == "NaN"
    assert row["tolerance"] == "Infinity"
    assert row["reproduce"] == "gamedyn verify div.x --seed 7 --cases 2"


def test_numbers_are_unrounded(registered):
    value = 0.1 + 0.2
    registered(make(Evidence(value, value, 0.0, "x"), BAD))
    assert json.loads(json.dumps(claims.verify().to_dict()))["claims"][0]["predicted"] == value


@pytest.mark.parametrize(("name", "value"), [("cases", 0), ("seed", -1)])
def test_numbers_are_checked(name, value, registered):
    with pytest.raises(ValueError, match=f"`{name}` must be at least"):
        claims.verify(**{name: value})


def test_versions_are_those_that_ran():
    import scipy

    versions = claims.verify("div.gibbs").versions
    assert versions["numpy"] == numpy.__version__
    assert versions["scipy"] == scipy.__version__
    assert versions["gamedyn"] == gamedyn.__version__
