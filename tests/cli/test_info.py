"""gamedyn info: what is installed and what serves."""

import importlib.metadata
import json
import platform

from gamedyn.backend import EXTRAS
from gamedyn.cli import _info, main


def test_document_names_versions_and_extras(capsys):
    assert main(["info", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "gamedyn.info/1"
    assert document["python"] == platform.python_version()
    assert document["required"]["numpy"] == importlib.metadata.version("numpy")
    assert document["extras"]["plot"]["matplotlib"] == importlib.metadata.version("matplotlib")
    assert document["blas"]["name"]


def test_every_user_extra_is_listed():
    assert set(EXTRAS.values()) - {"test"} <= set(_info._EXTRAS)


def test_missing_extra_says_how_to_install(monkeypatch, capsys):
    monkeypatch.setitem(_info._EXTRAS, "plot", ("no-such-distribution",))
    assert main(["info"]) == 0
    out = capsys.readouterr().out
    assert "missing no-such-distribution: pip install 'gamedyn[plot]'" in out


def test_chosen_threads_are_shown(monkeypatch, capsys):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "7")
    main(["info"])
    assert "OPENBLAS_NUM_THREADS=7" in capsys.readouterr().out
