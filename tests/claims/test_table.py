"""The table: two lines per claim within 118 columns, failures explained, counts in the closing line."""

from gamedyn.claims import ClaimResult, VerifyResult, format_table


def row(**changes):
    fields = {
        "id": "gan.value-identity",
        "group": "GAN theory",
        "statement": "V(D*, G) = -log 4 + 2 JS",
        "source": "Goodfellow et al. 2014, Theorem 1",
        "relation": "==",
        "expected": "holds",
        "verdict": "holds",
        "predicted": -0.6931471805599453,
        "measured": -0.0,
        "tolerance": 1e-15,
        "tolerance_source": "rounding",
        "violation": 0.0,
        "control": "refuted",
        "case": 0,
        "seconds": 0.1,
    }
    return ClaimResult(**(fields | changes))


def result(*rows, **changes):
    return VerifyResult(
        tuple(rows), **({"seed": 3, "cases": 1, "full": False, "seconds": 1.25, "versions": {}} | changes)
    )


def test_reads_well():
    text = format_table(result(row(), row(id="gan.b", relation="<=", predicted=1.0, measured=0.5)))
    lines = text.splitlines()
    assert lines[0].startswith("GAN theory")
    words = "gan.value-identity holds -0.693147 == 0 1.0e-15 Goodfellow et al. 2014, Theorem 1"
    assert lines[2].split() == words.split()
    assert lines[3] == "    V(D*, G) = -log 4 + 2 JS"
    assert "1 >=          0.5" in lines[4]
    assert lines[-1] == (
        "2 claims: 2 hold, 0 refuted as expected, 0 fail, 0 undecided; 1 instance each, seed 3, 1.2 s."
    )
    assert max(map(len, lines)) <= 120


def test_str_is_the_table():
    assert str(result(row())) == format_table(result(row()))


def test_failure_says_why_and_how_to_run_it_again():
    text = format_table(result(row(verdict="fails", reason="off by 12 tolerances."), cases=4))
    assert "FAILS: off by 12 tolerances." in text
    assert "reproduce: gamedyn verify gan.value-identity --seed 3 --cases 4" in text
    assert "1 fail," in text


def test_headings_change_with_the_group():
    text = format_table(result(row(), row(group="Transport", id="ot.x")))
    assert text.count("verdict") == 2


def test_colour_only_when_asked():
    assert "\x1b[" not in format_table(result(row()))
    assert "\x1b[32mholds" in format_table(result(row()), colour=True)
    assert "\x1b[1;31mfails" in format_table(result(row(verdict="fails")), colour=True)
