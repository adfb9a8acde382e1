"""gamedyn train, sample and score with a model of a likelihood: to the bits of the library, and what is refused."""

import json
import math

import numpy
import pytest

from gamedyn.cli import main
from gamedyn.cli._training_data import data_of_run, target_of_run
from gamedyn.models import FVSBN, GAN, load_model
from tests.density_cases import BITS


@pytest.fixture
def file(tmp_path):
    """Two tones for each bit."""
    numpy.save(tmp_path / "tones.npy", 0.2 + 0.6 * BITS)
    return str(tmp_path / "tones.npy")


def train(file, out, *more):
    given = [
        "train",
        "fvsbn",
        "--data",
        file,
        "--out",
        str(out),
        "--binarize",
        "0.5",
        "--batch-size",
        "8",
        "--seed",
        "3",
    ]
    return main([*given, *more])


def test_a_run_is_the_library_s_and_goes_on(file, tmp_path, capsys):
    assert train(file, tmp_path / "whole", "--steps", "30") == 0
    assert f"gamedyn score {tmp_path / 'whole'}" in capsys.readouterr().out
    assert train(file, tmp_path / "parts", "--steps", "12") == 0
    assert main(["train", "fvsbn", "--out", str(tmp_path / "parts"), "--resume", "--steps", "30"]) == 0
    expected = FVSBN(steps=30, batch_size=8, rng=3).fit(BITS)
    for name in ("whole", "parts"):
        numpy.testing.assert_array_equal(load_model(tmp_path / name).z_, expected.z_)


def test_bits_are_one_above_the_threshold(tmp_path):
    numpy.save(tmp_path / "x.npy", [[0.25, 0.5], [0.75, 1.0]])
    kept = {"preset": None, "data": str(tmp_path / "x.npy"), "labels": None, "samples": 1, "seed": 0, "binarize": 0.5}
    assert data_of_run(kept).samples.tolist() == [[0, 0], [1, 1]]
    ring = data_of_run({**kept, "data": "ring", "samples": 5, "binarize": 0.1})
    assert ring.target is None
    assert target_of_run({**kept, "data": "ring"}) is None
    assert target_of_run({**kept, "data": "ring", "binarize": None}) is not None


def test_a_model_has_parameters_of_its_own(file, tmp_path, capsys):
    assert train(file, tmp_path / "run", "--steps", "2", "--with", "order=4,3,2,1,0") == 0
    assert load_model(tmp_path / "run").order == (4, 3, 2, 1, 0)
    for wrong in ("depth=3", "order"):
        assert train(file, tmp_path / "other", "--with", wrong) == 2
        assert f"`--with` takes NAME=VALUE with a NAME of order, got '{wrong}'" in capsys.readouterr().err
    assert train(file, tmp_path / "other", "--with", "order=words") == 2
    assert "`order` must name each of the 5 columns once, got 'words'" in capsys.readouterr().err


def test_scores_and_samples_are_the_model_s(file, tmp_path, capsys):
    out = str(tmp_path / "run")
    assert (
        train(file, out, "--steps", "5", "--validation", "0.25", "--json", "--rule", "adam", "--step-size", "0.1") == 0
    )
    document = json.loads(capsys.readouterr().out)
    model = load_model(out)
    assert document["validation_loss"] == pytest.approx(float(model.history_.validation_loss[-1]))
    assert document["model"] == "fvsbn"
    for more in ([], ["--data", file, "--binarize", "0.5"]):
        assert main(["score", out, "--json", *more]) == 0
        found = json.loads(capsys.readouterr().out)
        assert found["score"] == model.score(BITS)
        assert found["bits_per_dim"] == pytest.approx(-found["score"] / (5 * math.log(2)))
        assert (found["kind"], found["rows"]) == ("exact", 40)
    assert main(["score", out]) == 0
    assert capsys.readouterr().out.endswith("bits per dimension, exact, on 40 rows\n")
    assert main(["sample", out, "-n", "3", "--seed", "5"]) == 0
    rows = [[float(cell) for cell in line.split(",")] for line in capsys.readouterr().out.splitlines()]
    numpy.testing.assert_array_equal(rows, model.sample(3, rng=5))


def test_a_gan_is_scored_by_its_samples(file, tmp_path, capsys):
    out = str(tmp_path / "gan")
    assert main(["train", "gan", "--data", file, "--out", out, "--steps", "2", "--batch-size", "4"]) == 0
    capsys.readouterr()
    assert main(["score", out, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["score"] == GAN.load(out).score(0.2 + 0.6 * BITS)
    assert found["kind"] == "minus the energy distance"


def refused(argv, capsys):
    assert main(argv) == 2
    return capsys.readouterr().err


def test_wrong_options_are_refused(file, tmp_path, capsys):
    out = str(tmp_path / "run")
    given = ["train", "fvsbn", "--out", out]
    assert "the data must hold zeros and ones, for FVSBN" in refused([*given, "--data", file], capsys)
    assert "`--penalty` is no option of fvsbn" in refused([*given, "--data", file, "--penalty", "r1"], capsys)
    assert "`--data` must say what to train on" in refused(given, capsys)
    assert "`--set` belong to a rule" in refused([*given, "--data", file, "--step-size", "1"], capsys)
    assert "`--with` is no option of gan" in refused(["train", "gan", "--out", out, "--with", "order=1"], capsys)
    assert "`--binarize` is no option of gan" in refused(["train", "gan", "--out", out, "--binarize", "1"], capsys)
    wrong = [*given, "--data", file, "--binarize", "0.5", "--validation", "2"]
    assert "`--validation` must lie in (0, 1)" in refused(wrong, capsys)
    assert train(file, out, "--steps", "1") == 0
    assert "`--data` must be left out to go on" in refused([*given, "--resume", "--data", file], capsys)
    assert "is of fvsbn, not of gan" in refused(["train", "gan", "--out", out, "--resume"], capsys)
    assert "`--data` must say what to score" in refused(["score", f"{out}/checkpoint.npz"], capsys)
    assert "is no run" in refused(["score", str(tmp_path / "none")], capsys)
    assert "symbols" not in refused(["score", out, "--data", file], capsys)
