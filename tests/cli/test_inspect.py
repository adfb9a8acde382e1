"""gamedyn inspect: a run in words, JSON and pictures, and what is refused before the work."""

import json

import numpy
import pytest

from gamedyn import plotting
from gamedyn.cli import main
from gamedyn.experiments import inspect_gan
from gamedyn.models import GAN

LITTLE = ["--samples", "30", "--rows", "40"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A planar run of small networks on a file, unconditional, as `gamedyn train` leaves it."""
    folder = tmp_path_factory.mktemp("inspect")
    rows = numpy.random.default_rng(0).normal(size=(60, 2))
    numpy.save(folder / "rows.npy", rows)
    options = ["--batch-size", "8", "--steps", "1", "--out", str(folder / "run")]
    assert main(["train", "gan", "--data", str(folder / "rows.npy"), *options]) == 0
    # Networks of the command line are too large for a test of this speed.
    gan = GAN(generator=(3,), discriminator=(3,), steps=2, batch_size=8, rng=0).fit(rows)
    gan.save(folder / "run" / "checkpoint.npz")
    return folder


def test_words_pictures_and_a_document(run, capsys):
    command = ["inspect", str(run / "run"), *LITTLE]
    assert main(command) == 0
    printed = capsys.readouterr()
    rows = numpy.load(run / "rows.npy")
    expected = inspect_gan(GAN.load(run / "run"), rows, samples=30, rows=40, rng=0)
    assert printed.out == f"{expected}\n"
    names = {"spectrum.png", "own-hessians.png", "samples.png", "discriminator.png"}
    assert {path.name for path in (run / "run" / "inspection").iterdir()} == names
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in (run / "run" / "inspection").iterdir())
    # A second look replaces its own pictures; those in a folder of the user's choice only if asked to.
    (run / "run" / "inspection" / "samples.png").write_bytes(b"older")
    assert main(command) == 0
    assert (run / "run" / "inspection" / "samples.png").read_bytes().startswith(b"\x89PNG")
    assert main([*command, "--pictures", str(run / "run" / "inspection")]) == 2
    assert "add --force" in capsys.readouterr().err
    assert main([*command, "--no-pictures", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["schema"], document["pictures"]) == ("gamedyn.inspect/1", [])
    assert len(document["spectrum"]["eigenvalues"]) == sum(document["setting"]["dims"])


def test_other_data_and_a_checkpoint_alone(run, capsys):
    checkpoint = str(run / "run" / "checkpoint.npz")
    assert main(["inspect", checkpoint, *LITTLE, "--no-pictures"]) == 2
    assert "`--data` must say" in capsys.readouterr().err
    assert main(["inspect", checkpoint, "--data", "ring", *LITTLE, "--no-pictures", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["setting"]["rows_given"] == 10_000
    assert document["measures"]["target"]["modes"] == 8


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--samples", "3"], "`--samples` must be at least 10, got 3"),
        (["--rows", "0"], "`--rows` must be at least 1"),
        (["--seed", "-1"], "`--seed` must be at least 0"),
        (["--data", "iris"], "must have the 2 columns that the model generates, got 4"),
        (["--data", "rinf"], "no data 'rinf'"),
        (["--labels", "0"], "belongs to --data"),
        (["--data", "iris", "--labels", "x"], "must have the 2 columns"),
        (["--pictures", "p", "--no-pictures"], "exclude each other"),
        (["--colour"], "--help"),
    ],
)
def test_what_is_refused(run, more, message, capsys):
    assert main(["inspect", str(run / "run"), *more] + (["--no-pictures"] if "--pictures" not in more else [])) == 2
    assert message in capsys.readouterr().err


def test_what_is_no_run(run, tmp_path, capsys):
    assert main(["inspect", str(tmp_path / "nowhere")]) == 2
    assert "is no folder of a run" in capsys.readouterr().err
    (tmp_path / "foreign.npz").write_bytes(b"not one of ours")
    assert main(["inspect", str(tmp_path / "foreign.npz"), "--data", "ring"]) == 2
    assert "foreign.npz" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert main(["inspect", str(tmp_path / "empty")]) == 2
    assert "run.json is not there" in capsys.readouterr().err
    assert main(["inspect", str(run / "run"), "--pictures", str(run / "rows.npy")]) == 2
    assert "must be a folder" in capsys.readouterr().err


def test_labels_must_fit(run, tmp_path, capsys):
    table = numpy.column_stack([numpy.random.default_rng(0).normal(size=(40, 2)), numpy.arange(40) % 3])
    numpy.savetxt(tmp_path / "rows.csv", table, delimiter=",")
    given = ["--data", str(tmp_path / "rows.csv"), "--labels", "2"]
    assert main(["inspect", str(run / "run"), *given, "--no-pictures"]) == 2
    assert "trained without labels" in capsys.readouterr().err
    gan = GAN(generator=(2,), discriminator=(2,), steps=1, batch_size=8, rng=0).fit(table[:, :2], table[:, 2])
    gan.save(tmp_path / "labelled.npz")
    command = ["inspect", str(tmp_path / "labelled.npz"), *LITTLE, "--pictures", str(tmp_path / "pictures")]
    numpy.save(tmp_path / "plain.npy", table[:, :2])
    assert main([*command, "--data", str(tmp_path / "plain.npy")]) == 2
    assert "on which this model is conditional" in capsys.readouterr().err
    assert main([*command, *given]) == 0
    # The discriminator's word on a point depends on its label.
    found = {path.name for path in (tmp_path / "pictures").iterdir()}
    assert found == {"spectrum.png", "own-hessians.png", "samples.png"}


def test_images_are_drawn_above_data_and_no_picture_of_another_run_stays(run, tmp_path, monkeypatch, capsys):
    rows = numpy.random.default_rng(0).uniform(2.0, 5.0, size=(13, 9))
    numpy.save(tmp_path / "rows.npy", rows)
    GAN(generator=(2,), discriminator=(2,), steps=0, batch_size=4, rng=0).fit(rows).save(tmp_path / "images.npz")
    drawn, draw = [], plotting.plot_sample_sheet
    monkeypatch.setattr(plotting, "plot_sample_sheet", lambda *a, **b: drawn.append((a, b)) or draw(*a, **b))
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "discriminator.png").write_bytes(b"older")
    given = ["--data", str(tmp_path / "rows.npy"), "--pictures", str(tmp_path / "pictures")]
    assert main(["inspect", str(tmp_path / "images.npz"), *LITTLE, *given, "--force"]) == 0
    found = {path.name for path in (tmp_path / "pictures").iterdir()}
    assert found == {"spectrum.png", "own-hessians.png", "samples.png"}
    (((sheet, shape), options),) = drawn
    assert (sheet.shape, shape) == ((40, 9), (3, 3))
    assert options["titles"] == ["generated", "", "data", ""]
    # Two rows of each, filled up with black; black and white are those of the data.
    assert {tuple(row) for row in sheet[20:33]} == {tuple(row) for row in rows}
    assert options["limits"] == (rows.min(), rows.max())
    assert (sheet[33:] == rows.min()).all()


def test_a_law_that_no_checkpoint_holds(tmp_path, capsys):
    out = str(tmp_path / "run")
    train = ["train", "gan", "--data", "two_moons", "--samples", "50", "--batch-size", "8", "--out", out]
    assert main([*train, "--steps", "1"]) == 0
    assert main(["train", "gan", "--out", out, "--resume", "--steps", "2"]) == 0
    capsys.readouterr()
    assert main(["sample", out, "-n", "3"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3
