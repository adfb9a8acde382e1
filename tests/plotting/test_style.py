import os

import matplotlib
import numpy
import pytest

from gamedyn.plotting import alt_text, plot_spectrum, save_figure


def test_figures_leave_the_users_settings_alone(tmp_path):
    before = dict(matplotlib.rcParams)
    ax = plot_spectrum(numpy.array([1j, -1j]))
    save_figure(ax, tmp_path / "a.svg")
    assert dict(matplotlib.rcParams) == before


def test_draws_on_the_axes_given():
    from matplotlib.figure import Figure

    figure = Figure()
    left, right = figure.subplots(1, 2)
    assert plot_spectrum([1.0, 2.0], ax=right) is right
    assert not left.collections
    assert right.collections


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_the_same_figure_gives_the_same_bytes_with_its_sentence(tmp_path, kind):
    ax = plot_spectrum(numpy.array([1.0 + 1j]))
    for name in ("a", "b"):
        save_figure(ax, tmp_path / f"{name}.{kind}")
    first, second = ((tmp_path / f"{name}.{kind}").read_bytes() for name in ("a", "b"))
    assert first == second
    if kind != "pdf":
        assert alt_text(ax).encode() in first.replace(b"&#39;", b"'")
    assert sorted(os.listdir(tmp_path)) == [f"a.{kind}", f"b.{kind}"]


def test_a_failed_save_leaves_nothing_and_keeps_the_older_file(tmp_path, monkeypatch):
    ax = plot_spectrum([1.0])
    target = tmp_path / "a.png"
    save_figure(ax, target)
    before = target.read_bytes()

    def fail(file, **options):
        file.write(b"half")
        raise RuntimeError("disk is full")

    monkeypatch.setattr(ax.figure, "savefig", fail)
    with pytest.raises(RuntimeError, match="disk is full"):
        save_figure(ax, target)
    assert target.read_bytes() == before
    assert os.listdir(tmp_path) == ["a.png"]


def test_an_unknown_suffix_is_named(tmp_path):
    with pytest.raises(ValueError, match="must be one of 'png', 'svg', 'pdf', got 'gif'"):
        save_figure(plot_spectrum([1.0]), tmp_path / "a.gif")
    assert os.listdir(tmp_path) == []
