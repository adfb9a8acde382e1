"""gamedyn train gan and gamedyn sample: runs in folders, resumed to the bit, and what is refused before the work."""

import json
import re

import numpy
import pytest

from gamedyn.cli import main
from gamedyn.cli._exit import UsageError
from gamedyn.cli._training_data import load_training_data
from gamedyn.dynamics import Status
from gamedyn.experiments import gan_preset
from gamedyn.models import GAN

SMALL = ["--batch-size", "8", "--samples", "64", "--seed", "3"]


def train(out, *more, data="ring"):
    return main(["train", "gan", "--data", data, "--out", str(out), *SMALL, *more])


def test_a_resumed_run_has_the_bits_of_a_whole_one(tmp_path, capsys):
    assert train(tmp_path / "whole", "--steps", "30") == 0
    assert train(tmp_path / "parts", "--steps", "12") == 0
    assert main(["train", "gan", "--out", str(tmp_path / "parts"), "--resume", "--steps", "30"]) == 0
    whole, parts = (GAN.load(tmp_path / name) for name in ("whole", "parts"))
    assert parts.steps_ == 30
    numpy.testing.assert_array_equal(whole.z_, parts.z_)
    out = capsys.readouterr().out
    assert "steps 0 to 30" in out
    assert f"gamedyn sample {tmp_path / 'parts'}" in out
    assert f"gamedyn inspect {tmp_path / 'parts'}" in out


def test_samples_are_the_model_s(tmp_path, capsys):
    assert train(tmp_path / "run", "--steps", "3") == 0
    capsys.readouterr()
    expected = GAN.load(tmp_path / "run").sample(4, rng=5)
    assert main(["sample", str(tmp_path / "run"), "-n", "4", "--seed", "5"]) == 0
    rows = [[float(cell) for cell in line.split(",")] for line in capsys.readouterr().out.splitlines()]
    numpy.testing.assert_array_equal(numpy.array(rows, dtype="float32"), expected)
    for name in ("s.npy", "s.csv"):
        file = tmp_path / name
        arguments = ["sample", str(tmp_path / "run"), "-n", "4", "--seed", "5", "--out", str(file)]
        assert main(arguments) == 0
        found = numpy.load(file) if name == "s.npy" else numpy.loadtxt(file, delimiter=",")
        numpy.testing.assert_array_equal(found.astype("float32"), expected)
        assert main(arguments) == 2
    plot = tmp_path / "s.svg"
    assert main(["sample", str(tmp_path / "run"), "-n", "50", "--plot", str(plot)]) == 0
    assert "50 generated points in the plane over the density" in plot.read_text()


def test_a_file_with_labels(tmp_path, capsys):
    rng = numpy.random.default_rng(0)
    file, out = tmp_path / "rows.csv", tmp_path / "run"
    numpy.savetxt(file, numpy.column_stack([rng.standard_normal((40, 2)), numpy.arange(40) % 3]), delimiter=",")
    assert train(out, "--labels", "2", "--steps", "3", data=str(file)) == 0
    gan = GAN.load(out)
    assert (gan.n_features_in_, list(gan.classes_)) == (2, [0, 1, 2])
    capsys.readouterr()
    assert main(["sample", str(out), "-n", "2", "--label", "1", "--seed", "5"]) == 0
    rows = numpy.array([line.split(",") for line in capsys.readouterr().out.splitlines()], dtype="float32")
    numpy.testing.assert_array_equal(rows, gan.sample(2, 1, rng=5))
    assert main(["sample", str(out), "--label", "7"]) == 2
    assert "must be one of 0.0, 1.0, 2.0, got '7'" in capsys.readouterr().err


def test_labels_of_bundled_data_and_of_a_column_alone(tmp_path):
    plain, labelled = (load_training_data("digits", labels=word, count=1, seed=0) for word in (None, "yes"))
    numpy.testing.assert_array_equal(plain.samples, labelled.samples)
    assert plain.labels is None
    assert sorted(set(labelled.labels.tolist())) == list(range(10))
    drawn = load_training_data("two-moons", labels=None, count=5, seed=3)
    numpy.testing.assert_array_equal(drawn.samples, drawn.target.sample(5, rng=3))
    file = tmp_path / "rows.csv"
    file.write_text("1\n2\n")
    with pytest.raises(UsageError, match=r"takes the only column of .*rows.csv. There is nothing left to generate"):
        load_training_data(str(file), labels="0", count=1, seed=0)


def test_any_rule_and_a_document(tmp_path, capsys):
    arguments = ["--rule", "extra-adam", "--step-size", "0.002", "--objective", "wasserstein", "--penalty", "clip"]
    assert train(tmp_path / "run", *arguments, "--steps", "2", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["steps"], document["status"], document["out"]) == (2, "MAX_STEPS", str(tmp_path / "run"))
    gan = GAN.load(tmp_path / "run")
    assert "ExtraAdam(step_size=0.002" in repr(gan.rule)
    assert gan.rng == 3
    # As of the history, whose measures need the target.
    history = gan.history_
    assert document["losses"] == history.losses[-1].tolist()
    assert document["wasserstein"] == history.wasserstein[-1] > 0
    assert document["modes"] == history.modes[-1] >= 0
    kept = json.loads((tmp_path / "run" / "run.json").read_text())
    about = {"data": "ring", "labels": None, "samples": 64, "seed": 3, "preset": None, "budget": "short"}
    assert kept == {"schema": "gamedyn.run/1", **about}


def test_a_run_that_diverges_fails_and_says_so(tmp_path, capsys):
    # Squares grow a millionfold and more with every step, until they overflow.
    arguments = ["--rule", "simultaneous", "--step-size", "1e6", "--objective", "least-squares", "--json"]
    assert train(tmp_path / "run", *arguments, "--steps", "30") == 1
    said = capsys.readouterr()
    assert re.fullmatch("gamedyn: training diverged at step .*\n", [*said.err.splitlines(keepends=True)][-1])
    assert "RuntimeWarning" not in said.err
    document = json.loads(said.out)
    assert document["status"] == "DIVERGED"
    assert document["steps"] < 30
    assert document["losses"] == [None, None]
    assert GAN.load(tmp_path / "run").status_ == Status.DIVERGED


def test_presets_train_and_are_listed(tmp_path, capsys):
    assert main(["train", "gan", "--preset", "list"]) == 0
    assert "pacgan-ring" in capsys.readouterr().out.split()
    out = tmp_path / "run"
    assert main(["train", "gan", "--preset", "unrolled-gan-ring-0", "--steps", "1", "--out", str(out)]) == 0
    assert main(["train", "gan", "--out", str(out), "--resume", "--steps", "2"]) == 0
    assert GAN.load(out).steps_ == 2


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--data", "rinf"], "no data 'rinf'. Did you mean ring"),
        ([], "one of `--data` and `--preset`"),
        (["--data", "ring", "--preset", "pacgan-ring"], "one of `--data` and `--preset`"),
        (["--data", "ring", "--labels", "x"], "ring has none"),
        (["--data", "ring", "--set", "epsilon=1"], "belong to a rule"),
        (["--data", "ring", "--step-size", "0.1"], "belong to a rule"),
        (["--data", "ring", "--seed", "-1"], "got -1"),
        (["--data", "ring", "--samples", "0"], "got 0"),
        (["--data", "ring", "--penalty", "r3"], "`--penalty` must be one of None, 'r1'"),
        (["--data", "ring", "--rule", "adam", "--step-size", "-1"], "`step_size` must be positive and finite, got -1"),
        (["--data", "ring", "--penalty-weight", "2"], "belongs to a penalty. Add --penalty"),
        (
            ["--data", "ring", "--samples", "9"],
            "the data must have at least 64 rows to fill a batch, got 9. Lower `--",
        ),
        (["--preset", "pacgan"], "`--preset` must be the name of a preset, got 'pacgan'. Did you mean pacgan-ring"),
        (["--resume"], "is no run"),
    ],
)
def test_what_is_refused_leaves_no_run(more, message, tmp_path, capsys):
    assert main(["train", "gan", "--out", str(tmp_path / "run"), *more]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "run" / "run.json").exists()


def test_a_run_is_not_replaced_unasked(tmp_path, capsys):
    assert train(tmp_path / "run", "--steps", "1") == 0
    assert train(tmp_path / "run", "--steps", "1") == 2
    assert "Go on with --resume, or add --force" in capsys.readouterr().err
    assert train(tmp_path / "run", "--steps", "1", "--force") == 0
    (tmp_path / "run" / "run.json").write_text("{}")
    assert main(["train", "gan", "--out", str(tmp_path / "run"), "--resume"]) == 2
    assert "its schema is not gamedyn.run/1" in capsys.readouterr().err
    (tmp_path / "run" / "run.json").write_text("{schema}")
    assert main(["train", "gan", "--out", str(tmp_path / "run"), "--resume"]) == 2
    assert "run.json is not JSON: Expecting property name" in capsys.readouterr().err
    assert main(["train", "gan", "--data", "ring"]) == 2
    assert "`--out` must name the folder of the run, got none. Add" in capsys.readouterr().err


def test_an_interrupt_saves_and_says_how_to_go_on(tmp_path, capsys, monkeypatch):
    whole, run = tmp_path / "whole", tmp_path / "folders" / "on the way" / "run"
    assert train(whole, "--steps", "20") == 0
    real = GAN.fit

    def interrupted(self, *arguments, **options):
        # Without a checkpoint of its own: what is kept is what the interrupt keeps.
        real(self.set_params(steps=7, checkpoint=None), *arguments, **options)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(GAN, "fit", interrupted)
        assert train(run, "--steps", "20") == 130
    assert f"Go on by: gamedyn train gan --out {run} --resume" in capsys.readouterr().err
    assert main(["train", "gan", "--out", str(run), "--resume", "--steps", "20"]) == 0
    numpy.testing.assert_array_equal(GAN.load(run).z_, GAN.load(whole).z_)


def test_a_preset_has_the_budget_and_the_seed_that_are_asked_for(tmp_path, monkeypatch):
    seen = []

    def interrupted(self, *arguments, **options):
        seen.append((self.steps, self.rng))
        raise KeyboardInterrupt

    monkeypatch.setattr(GAN, "fit", interrupted)
    for budget in ("short", "full"):
        arguments = ["--preset", "unrolled-gan-ring-0", "--budget", budget, "--seed", "4"]
        assert main(["train", "gan", *arguments, "--out", str(tmp_path / budget)]) == 130
        kept = json.loads((tmp_path / budget / "run.json").read_text())
        assert (kept["preset"], kept["budget"], kept["seed"]) == ("unrolled-gan-ring-0", budget, 4)
    presets = [gan_preset("unrolled-gan-ring-0", budget=budget) for budget in ("short", "full")]
    assert seen == [(preset.gan.steps, 4) for preset in presets]
    assert seen[0] != seen[1]


def test_a_run_that_replaces_another_leaves_nothing_of_it(tmp_path, capsys, monkeypatch):
    assert train(tmp_path / "run", "--steps", "1") == 0

    def interrupted(self, *arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(GAN, "fit", interrupted)
    # Before the first step there is nothing to save, and the other run's checkpoint is not this one's.
    assert train(tmp_path / "run", "--steps", "1", "--force", data="grid") == 130
    assert json.loads((tmp_path / "run" / "run.json").read_text())["data"] == "grid"
    assert not (tmp_path / "run" / "checkpoint.npz").exists()


def test_a_run_keeps_checkpoints_tells_of_itself_and_goes_on_from_them(tmp_path, capsys, monkeypatch):
    told, real = [], GAN.fit

    def spied(self, *arguments, resume):
        told.append((self.checkpoint, resume))
        return real(self, *arguments, resume=resume)

    monkeypatch.setattr(GAN, "fit", spied)
    # A law that no checkpoint holds.
    assert train(tmp_path, "--steps", "3", data="checkerboard") == 0
    assert "step 3 of 3" in capsys.readouterr().err
    assert main(["train", "gan", "--out", str(tmp_path), "--resume", "--steps", "5"]) == 0
    assert "step 5 of 5" in capsys.readouterr().err
    file = tmp_path / "checkpoint.npz"
    assert told == [(str(file), None), (str(file), file)]


def test_what_a_run_that_goes_on_would_not_heed_is_refused(tmp_path, capsys):
    options = ["--penalty", "r1", "--penalty-weight", "0.5", "--rule", "adam", "--step-size", "0.001"]
    assert train(tmp_path / "run", *options, "--steps", "1") == 0
    # The same command goes on.
    assert train(tmp_path / "run", *options, "--steps", "2", "--resume") == 0
    assert GAN.load(tmp_path / "run").steps_ == 2
    capsys.readouterr()
    for more, message in (
        (["--penalty", "r2"], "`--penalty` must be that of the run in {} to go on with it, r1, got r2. Leave it out"),
        (["--penalty-weight", "2"], "`--penalty-weight` must be that of the run in {} to go on with it, 0.5, got 2.0"),
        (["--rule", "adam", "--step-size", "0.1"], "`--rule` must be that of the run"),
        (["--rule", "sgd"], "no rule 'sgd'"),
        (["--set", "epsilon=1"], "belong to a rule"),
        (["--step-size", "0.1"], "belong to a rule"),
        (["--labels", "x"], "`--labels` must be that of the run in {} to go on with it, None, got x"),
        (["--data", "grid"], "`--data` must be that of the run in {} to go on with it, ring, got grid"),
        (["--preset", "pacgan-ring"], "`--preset` must be that of the run in {} to go on with it, None"),
        (["--batch-size", "9"], "`--batch-size` must be that of the run in {} to go on with it, 8, got 9"),
    ):
        assert main(["train", "gan", "--out", str(tmp_path / "run"), "--resume", *more]) == 2
        assert message.format(tmp_path / "run") in capsys.readouterr().err
    assert GAN.load(tmp_path / "run").steps_ == 2
    # Nor is a checkpoint that came from elsewhere; the run stays what it is.
    assert train(tmp_path / "other", *options, "--steps", "1", data="grid") == 0
    (tmp_path / "other" / "checkpoint.npz").rename(tmp_path / "run" / "checkpoint.npz")
    assert main(["train", "gan", "--out", str(tmp_path / "run"), "--resume"]) == 2
    assert (tmp_path / "run" / "run.json").exists()


def test_samples_of_what_is_no_run(tmp_path, capsys):
    file = tmp_path / "rows.csv"
    file.write_text("1,2")
    for given in (file, tmp_path, tmp_path / "none.npz"):
        assert main(["sample", str(given)]) == 2
        assert f"gamedyn: {given} is no run: " in capsys.readouterr().err
