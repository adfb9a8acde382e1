"""write_atomically: the whole file or none, never over another, no litter."""

import os

import pytest

from gamedyn.reports import _atomic, check_writable, write_atomically


def test_writes_text_and_bytes(tmp_path):
    write_atomically(tmp_path / "a.txt", "‖p‖")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "‖p‖"
    write_atomically(tmp_path / "b", b"\x00\x01")
    assert (tmp_path / "b").read_bytes() == b"\x00\x01"
    assert sorted(os.listdir(tmp_path)) == ["a.txt", "b"]


def test_never_over_a_file_unless_allowed(tmp_path):
    path = tmp_path / "a"
    path.write_text("old")
    with pytest.raises(FileExistsError, match="--force"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    write_atomically(path, "new", overwrite=True)
    assert path.read_text() == "new"


def test_interruption_leaves_the_old_file_and_no_litter(tmp_path, monkeypatch):
    path = tmp_path / "a"
    path.write_text("old")

    def interrupt(handle):
        raise KeyboardInterrupt

    monkeypatch.setattr(_atomic.os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, "new", overwrite=True)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a"]


def test_mode_is_that_of_any_new_file(tmp_path):
    (tmp_path / "plain").write_text("")
    write_atomically(tmp_path / "ours", "")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_obstacles_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="is not there"):
        check_writable(tmp_path / "no" / "a")
    with pytest.raises(IsADirectoryError, match="is a folder"):
        check_writable(tmp_path)
    check_writable(tmp_path / "a")
