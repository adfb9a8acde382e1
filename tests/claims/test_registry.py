"""The registry: ids, families and patterns pick claims; a slip is answered with the nearest ids."""

import pathlib
import re

import pytest

from gamedyn.claims import Claim, Evidence, _registry, all_claims, claim, group_of, select_claims


def made(id, full=False):
    good = Evidence(0.0, 0.0, 0.0, "exact")
    return Claim(id, "x", "y", "==", lambda rng: good, lambda rng: good, full=full)


@pytest.fixture
def few(monkeypatch):
    groups = {
        "One": (made("div.gibbs"), made("div.js-entropy"), made("div.slow", full=True)),
        "Two": (made("gan.value-identity"),),
    }
    monkeypatch.setattr(_registry, "_claims_by_group", lambda: groups)


@pytest.mark.parametrize(
    ("select", "full", "ids"),
    [
        (None, False, ["div.gibbs", "div.js-entropy", "gan.value-identity"]),
        (None, True, ["div.gibbs", "div.js-entropy", "div.slow", "gan.value-identity"]),
        ("div.gibbs", False, ["div.gibbs"]),
        ("div", False, ["div.gibbs", "div.js-entropy"]),
        ("*-*", False, ["div.js-entropy", "gan.value-identity"]),
        (["gan", "div.gibbs"], False, ["div.gibbs", "gan.value-identity"]),
        ("div.slow", False, ["div.slow"]),
        ("div.s*", False, []),
        ([], False, []),
    ],
)
def test_selection(select, full, ids, few):
    assert [each.id for each in select_claims(select, full=full)] == ids


@pytest.mark.parametrize(
    ("word", "suggestion"),
    [("div.gibs", "div.gibbs"), ("gan.value-identify", "gan.value-identity"), ("value-identity", "gan.value-identity")],
)
def test_a_slip_is_answered_with_the_nearest(word, suggestion, few):
    with pytest.raises(ValueError, match=f"no claim is named '{word}'. Did you mean .*{suggestion}"):
        select_claims(word)
    with pytest.raises(ValueError, match=suggestion):
        claim(word)


def test_something_else_is_answered_with_the_list(few):
    with pytest.raises(ValueError, match="--list"):
        select_claims("qqqqqqqqqqqqqqqqqqqqqqqqqq")


def test_claim_and_group(few):
    assert claim("div.gibbs").id == "div.gibbs"
    assert group_of("gan.value-identity") == "Two"


def test_every_file_of_claims_is_listed():
    folder = pathlib.Path(_registry.__file__).parent
    holding = {path.stem for path in folder.glob("_*.py") if re.search(r"^CLAIMS\b.*=", path.read_text(), re.MULTILINE)}
    assert holding == {name for names in _registry.GROUPS.values() for name in names}


def test_families_stand_together():
    families = [each.id.partition(".")[0] for each in all_claims()]
    assert families == sorted(families, key=families.index)
