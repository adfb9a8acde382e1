"""The site's own code: every public name gets an entry, formulas survive as text, every claim has a row."""

import importlib.util
import json
import subprocess
import sys

import pytest

from tests.house.source import ROOT


def extension(name):
    """A module of docs/_ext, as Sphinx loads it."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / "_ext" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_public_name_is_asked_for():
    reference = extension("reference")
    found = reference.packages()
    assert {"gamedyn.games", "gamedyn.updates", "gamedyn.claims"} <= set(found)
    assert "Bilinear" in found["gamedyn.games"]
    everything = {f"{package}.{name}" for package, names in found.items() for name in names}
    assert reference.missing(everything) == []
    assert reference.missing(everything - {"gamedyn.games.Bilinear"}) == ["gamedyn.games.Bilinear"]


def escaped(text):
    lines = text.splitlines()
    extension("reference").escape_formulas(None, "function", "f", None, None, lines)
    return lines


def test_formulas_are_not_markup():
    assert escaped("D* = |x| * y_, and `step_size`, ``a * b``, **bold**") == [
        r"D\* = \|x\| \* y\_, and `step_size`, ``a * b``, **bold**"
    ]


def test_examples_and_literal_blocks_stay_as_they_are():
    text = "See::\n\n    a * b\n\nThen a * b.\n\n>>> x * y\n'|z|'\n\nAfter |z|."
    assert escaped(text) == [
        "See::",
        "",
        "    a * b",
        "",
        r"Then a \* b.",
        "",
        ">>> x * y",
        "'|z|'",
        "",
        r"After \|z\|.",
    ]


def test_columns_of_a_table_stay_in_line_when_formulas_are_escaped():
    text = """\
A table.

====  =============  ====
name  step           cost
====  =============  ====
A     z - (z - z_-)  1
B     x * y          2
====  =============  ====

After x_ * y."""
    assert escaped(text) == [
        "A table.",
        "",
        "====  ==============  ====",
        "name  step            cost",
        "====  ==============  ====",
        r"A     z - (z - z\_-)  1",
        r"B     x \* y          2",
        "====  ==============  ====",
        "",
        r"After x\_ \* y.",
    ]


def test_every_name_of_the_command_line_has_a_row():
    pytest.importorskip("docutils")
    names = extension("names_table")
    found = {name: names.table(rows).astext() for _, rows in names.tables() for name, _ in rows}
    assert {"forsaken", "extragradient", "lookahead"} <= set(found)
    assert all(name in text for name, text in found.items())


def test_every_claim_has_a_row():
    pytest.importorskip("docutils")
    table = extension("claims_table")
    from gamedyn.claims import all_claims

    groups = table.registered()
    claims = [claim for members in groups.values() for claim in members]
    assert sorted(claim.id for claim in claims) == sorted(claim.id for claim in all_claims())
    text = table.table(claims).astext()
    for claim in claims:
        assert claim.id in text
        assert claim.statement in text


def test_the_start_up_benchmark_writes_what_it_measured(tmp_path):
    result = tmp_path / "startup.json"
    command = [sys.executable, "benchmarks/startup.py", "--rounds", "2", "--out", str(result)]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120).stdout
    document = json.loads(result.read_text(encoding="utf-8"))
    assert document["schema"] == "gamedyn.benchmark.startup/1"
    assert document["machine"]["numpy"]
    times = {name: row["median_ms"] for name, row in document["cpu_time"].items()}
    assert 0 < times["bare"] < times["first name"]
    assert f"{times['import numpy']:.1f} ms" in printed
