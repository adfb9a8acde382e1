"""Certificates on paper: they read as the proof, survive JSON, and fail their check when a number is changed."""

import dataclasses
import json
from fractions import Fraction

import pytest
import sympy

from gamedyn.backend import MissingExtraError
from gamedyn.equilibria import Certificate, Certifier, certify
from gamedyn.games import Bilinear, SymbolicGame
from gamedyn.numerics import Verdict
from gamedyn.updates import Extragradient, SimultaneousGradientDescent

X, Y = sympy.symbols("x y")
F = X**3 / 3 - X + X * Y - Y**2
GAME = SymbolicGame([F, -F], [X, Y])
RULE = Extragradient(step_size=0.25)
NASH = certify(GAME, [(0.25, 1.25), (0, 1)], rule=RULE)
NONE = certify(GAME, [(2, 3), (2, 3)])
OPEN = certify(GAME, [(-3, 3), (-3, 3)])


def test_the_proof_reads_step_by_step():
    text = str(NASH)
    lines = text.splitlines()
    assert lines[0].startswith("exactly one stationary point of SymbolicGame(")
    assert lines[0].endswith(": nash")
    assert "balls of 128 bits, every rounding outward" in text
    assert text.count("all zeros of xi in") == len(NASH.steps) - 1 >= 3
    assert "K(box) lies in the interior of the box" in text
    # x = (sqrt(17) - 1)/4; own Hessians 2 x and 2.
    assert "0.780776406404415" in text
    assert "differential Nash    yes: every player's own Hessian is positive definite, by at least 1.56155" in text
    assert "rule converges       yes" in text
    assert repr(RULE) in text
    assert text.count("eigenvalue of J      ") == 2
    assert str(NONE).startswith("no stationary point of SymbolicGame(")
    assert str(OPEN).startswith("undecided how many stationary points of SymbolicGame(")


def test_margins_are_bounds():
    exact = (sympy.sqrt(17) - 1) / 4
    lowest = sympy.Min(2 * exact, 2)
    for verdict, value in ((NASH.differential_nash, lowest), (NASH.local_minimax, 2 * exact + sympy.Rational(1, 2))):
        assert 0 < sympy.Rational(verdict.margin) < value
        assert sympy.N(value - sympy.Rational(verdict.margin)) < 1e-4
    # J = [[2 x, 1], [-1, 2]] has the real parts x + 1.
    assert 0 < sympy.Rational(NASH.attracting.margin) < exact + 1
    values = [sympy.N(v, 60) for v in sympy.Matrix([[2 * exact, 1], [-1, 2]]).eigenvals()]
    for value in values:
        assert any(
            (sympy.re(value) - sympy.Rational(str(a))) ** 2 + (sympy.im(value) - sympy.Rational(str(b))) ** 2
            < sympy.Rational(str(r)) ** 2
            for a, b, r in NASH.eigenvalues
        )


@pytest.mark.parametrize("certificate", [NASH, NONE, OPEN])
def test_round_trip(certificate):
    again = Certificate.from_json(certificate.to_json(), GAME, rule=certificate.rule)
    assert str(again) == str(certificate)
    assert again.steps == certificate.steps
    assert again.eigenvalues == certificate.eigenvalues
    assert again.check().is_yes
    assert again.to_json() == certificate.to_json()
    assert certificate.check().is_yes


def change(path, value):
    document = json.loads(NASH.to_json())
    part = document
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value(part[path[-1]]) if callable(value) else value
    return json.dumps(document)


def moved(text):
    return str(Fraction(text) + Fraction(1, 1000))


def above(ends):
    low, high = map(Fraction, ends)
    return [str(low + (high - low) * Fraction(9, 10)), str(high)]


def below(ends):
    low, high = map(Fraction, ends)
    return [str(low), str(low + (high - low) / 10)]


LAST = len(NASH.steps) - 1
CHANGES = {
    "existence": (["existence"], "none"),
    "two": (["existence"], "exactly two"),
    "kind": (["kind"], "minimax"),
    "another kind": (["kind"], "saddle"),
    "low end of the enclosure": (["steps", LAST, 0], above),
    "high end of the enclosure": (["steps", LAST, 1], below),
    "a middle step": (["steps", 2, 0], above),
    "a wider step": (["steps", 1, 0, 0], lambda text: str(Fraction(text) - 1)),
    "an enclosure elsewhere": (["steps", LAST], [["5", "6"], ["5", "6"]]),
    "nash": (["differential_nash", 0], "no"),
    "margin": (["differential_nash", 1], lambda margin: margin * 1.01),
    "margin that is none": (["differential_nash", 1], float("nan")),
    "negative margin": (["differential_nash", 1], -1.0),
    "minimax margin": (["local_minimax", 1], lambda margin: margin * 1.01),
    "minimax": (["local_minimax"], None),
    "attracting": (["attracting", 0], "no"),
    "attracting margin": (["attracting", 1], lambda margin: margin * 1.01),
    "rule": (["rule_converges", 0], "no"),
    "rule margin": (["rule_converges", 1], lambda margin: margin * 1.01),
    "no rule": (["rule_converges"], None),
    "eigenvalue": (["eigenvalues", 0, 0], moved),
    "radius": (["eigenvalues", 1, 2], "0"),
    "one eigenvalue": (["eigenvalues"], lambda discs: discs[:1]),
    "twice the same eigenvalue": (["eigenvalues"], lambda discs: [discs[0], discs[0]]),
}


@pytest.mark.parametrize("name", CHANGES)
def test_changed_certificates_fail(name):
    path, value = CHANGES[name]
    found = Certificate.from_json(change(path, value), GAME, rule=RULE).check()
    assert found.is_no, found
    assert found.reason


def test_weaker_statements_hold():
    for path, value in (
        (["differential_nash", 1], 0.5),
        (["attracting"], ["undecided", 0.0, ""]),
        (["kind"], "undecided"),
        (["eigenvalues", 0, 2], "1/1000"),
    ):
        assert Certificate.from_json(change(path, value), GAME, rule=RULE).check().is_yes


def test_a_claim_about_nothing_fails():
    for certificate in (NONE, OPEN):
        assert dataclasses.replace(certificate, kind="nash").check().is_no
        assert dataclasses.replace(certificate, differential_nash=Verdict("yes", 1.0, "")).check().is_no
    assert dataclasses.replace(OPEN, existence="exactly one").check().is_no
    assert dataclasses.replace(OPEN, existence="none", kind="nonstationary").check().is_no
    assert dataclasses.replace(NASH, box=((Fraction(-3), Fraction(3)),) * 2).check().is_no
    assert dataclasses.replace(NASH, rule_text="Extragradient(step_size=9.0)").check().is_no
    assert dataclasses.replace(NASH, game=SymbolicGame([F, -F + X], [X, Y])).check().is_no
    assert dataclasses.replace(NASH, game=None).check().is_no
    other = dataclasses.replace(NASH, rule=SimultaneousGradientDescent(step_size=0.25))
    assert other.check().is_no


def test_another_game_of_the_same_name_is_judged_by_itself():
    g = F + X**2 * Y
    first, second = (SymbolicGame([f, -f], [X, Y], name="mine") for f in (F, g))
    text = certify(first, [(0.25, 1.25), (0, 1)]).to_json()
    assert Certificate.from_json(text, first).check().is_yes
    assert Certificate.from_json(text, second).check().is_no


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (["format"], "other", "must be a document of format 'gamedyn certificate 1'"),
        (["game"], "Bilinear", "`game` must be Bilinear, which the certificate is about"),
        (["rule"], None, "`rule` must be None, which the certificate is about, got Extragradient"),
        (["steps", 0, 0, 0], "1e999999999", "a number is '1e999999999'"),
        (["steps", 0, 0, 0], "__import__('os')", "a number is"),
        (["steps", 0, 0, 0], "1/0", "got one that is wrong"),
        (["steps", 0, 0, 0], 0.25, "a number is '0.25'"),
        (["steps", 0, 0, 0], "7", "boxes of 2 intervals with low < high"),
        (["steps", 0], [["0", "1"]], "boxes of 2 intervals"),
        (["steps"], [], "boxes of 2 intervals"),
        (["precision"], 10**9, "a precision between 16 and 100000 bits"),
        (["precision"], "many", "got one that is wrong"),
        (["attracting"], ["maybe", 0.0, ""], "an answer is 'maybe'"),
        (["eigenvalues"], 3, "got one that is wrong"),
    ],
)
def test_documents_that_are_none(path, value, message):
    with pytest.raises(ValueError, match=message):
        Certificate.from_json(change(path, value), GAME, rule=RULE)


def test_texts_that_are_none():
    for text in ("", "[]", "{}", "not json", None):
        with pytest.raises(ValueError, match="`text` must be"):
            Certificate.from_json(text, GAME)
    document = json.loads(NONE.to_json())
    del document["steps"]
    with pytest.raises(ValueError, match="all fields of a certificate"):
        Certificate.from_json(json.dumps(document), GAME)


def test_certifier_keeps_its_code_and_not_the_game():
    one = Certifier(GAME)
    assert one.certify([0.8, 0.4]).kind == "nash"
    assert one.certify([0.8, 0.4], game=GAME).check().is_yes
    orphan = Certifier(Bilinear([[1.0]])).certify([(-1, 1), (-1, 1)])
    assert orphan.existence == "exactly one"
    assert orphan.check().is_no


def test_without_flint_the_extra_is_named(monkeypatch):
    import importlib

    plain = importlib.import_module

    def without(name, *rest):
        if name.partition(".")[0] == "flint":
            raise ModuleNotFoundError("No module named 'flint'", name="flint")
        return plain(name, *rest)

    monkeypatch.setattr(importlib, "import_module", without)
    with pytest.raises(MissingExtraError, match=r"pip install 'gamedyn\[certify\]'"):
        certify(Bilinear([[1.0]]), [(-1, 1), (-1, 1)])


@pytest.mark.parametrize("low", ["-2", "-3/2", "-7/5"])
@pytest.mark.parametrize("high", ["5/4", "2"])
def test_a_point_of_a_box_is_not_the_only_one_of_a_larger_one(low, high):
    large = ((Fraction(low), Fraction(high)), (Fraction(-1), Fraction(1)))
    assert certify(GAME, large).existence == "undecided"
    forged = dataclasses.replace(NASH, box=large, steps=(large, *NASH.steps))
    assert forged.check().is_no


def test_a_point_beside_a_box_is_not_in_it():
    # Just beyond the zero: Krawczyk's image overlaps the box, which holds none.
    zero = NASH.enclosure[0][1]
    for width in (Fraction(1, 4), Fraction(1, 2**20), Fraction(1, 2**60)):
        beside = ((zero, zero + width), NASH.box[1])
        forged = dataclasses.replace(NASH, box=beside, steps=(beside, *NASH.steps))
        assert forged.check().is_no


def test_discs_are_matched_one_for_one():
    apart = (Fraction(100), Fraction(0), Fraction(1, 10))
    both = (Fraction(2), Fraction(0), Fraction(9))
    assert dataclasses.replace(NASH, eigenvalues=(both, both)).check().is_yes
    assert dataclasses.replace(NASH, eigenvalues=(both, apart)).check().is_no
    assert dataclasses.replace(NASH, eigenvalues=(apart, both)).check().is_no


def test_an_opposite_answer_without_a_margin():
    z = sympy.symbols("z")
    proved = certify(SymbolicGame.from_field([X + Y, Y + z, z], [X, Y, z]), [0.0] * 3)
    assert (proved.attracting.answer, proved.attracting.margin) == ("yes", 0.0)
    assert dataclasses.replace(proved, attracting=Verdict("no", 0.0, "")).check().is_no
