"""gamedyn sample: classes in turn, pictures of what can be drawn, and what is refused before the work."""

import numpy
import pytest

from gamedyn.cli import main
from gamedyn.models import GAN


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """file(features, labels) -> a checkpoint of an untrained GAN of that many features."""
    folder, rng = tmp_path_factory.mktemp("sample"), numpy.random.default_rng(0)

    def make(features, labels=None):
        path = folder / f"{features}{'' if labels is None else 'l'}.npz"
        if not path.exists():
            gan = GAN(generator=(3,), discriminator=(3,), steps=0, batch_size=4, rng=0)
            gan.fit(rng.standard_normal((12, features)), labels).save(path)
        return path

    return make


def rows(text):
    return numpy.array([line.split(",") for line in text.splitlines()], dtype="float32")


def test_classes_come_in_turn(file, capsys):
    path = file(2, numpy.arange(12) % 3)
    assert main(["sample", str(path), "-n", "5", "--seed", "4"]) == 0
    numpy.testing.assert_array_equal(rows(capsys.readouterr().out), GAN.load(path).sample(5, [0, 1, 2, 0, 1], rng=4))
    for word in ("2", "2.0"):
        assert main(["sample", str(path), "-n", "5", "--label", word]) == 0
        numpy.testing.assert_array_equal(rows(capsys.readouterr().out), GAN.load(path).sample(5, 2, rng=0))


def test_pictures_are_points_of_a_plane_or_square_images(file, tmp_path, capsys):
    for features, words in ((2, "3 generated points"), (9, "3 grey images of 3 by 3 pixels")):
        plot = tmp_path / f"{features}.svg"
        assert main(["sample", str(file(features)), "-n", "3", "--plot", str(plot)]) == 0
        assert words in plot.read_text()
        told = capsys.readouterr()
        assert (told.out, told.err) == ("", f"plot: {plot}\n")
        assert main(["sample", str(file(features)), "--plot", str(plot)]) == 2
        assert "--force" in capsys.readouterr().err
    for features in (4, 5):
        assert main(["sample", str(file(features)), "--plot", str(tmp_path / "no.svg")]) == 2
        assert f"and samples have {features} features" in capsys.readouterr().err
        assert not (tmp_path / "no.svg").exists()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["-n", "0"], "`-n` must be at least 1, got 0"),
        (["--label", "1"], "`--label` needs a conditional model"),
        (["--out", "rows.txt"], ".npy"),
        (["--plot", "rows.txt"], "png"),
    ],
)
def test_what_is_refused(more, message, file, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["sample", str(file(2)), *more]) == 2
    told = capsys.readouterr()
    assert message in told.err
    assert told.out == ""
    assert not list(tmp_path.iterdir())
