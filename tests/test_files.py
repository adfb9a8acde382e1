"""Files: whole or not there at all, no litter, and obstacles named before long work."""

import os

import pytest

from gamedyn import _files
from gamedyn._files import check_writable, write_atomically


def test_writes_and_replaces(tmp_path):
    path = tmp_path / "a"
    write_atomically(path, lambda file: file.write(b"old"))
    write_atomically(path, lambda file: file.write(b"new\x00"))
    assert path.read_bytes() == b"new\x00"
    assert os.listdir(tmp_path) == ["a"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_interruption_leaves_the_old_file_and_no_litter(error, tmp_path, monkeypatch):
    path = tmp_path / "a"
    path.write_text("old")

    def interrupt(handle):
        raise error

    monkeypatch.setattr(_files.os, "fsync", interrupt)
    with pytest.raises(error):
        write_atomically(path, lambda file: file.write(b"new"))
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a"]


def test_mode_is_that_of_any_new_file(tmp_path):
    (tmp_path / "plain").write_text("")
    write_atomically(tmp_path / "ours", lambda file: None)
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_obstacles_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="is not there"):
        check_writable(tmp_path / "no" / "a")
    with pytest.raises(IsADirectoryError, match="is a folder"):
        check_writable(tmp_path, overwrite=True)
    check_writable(tmp_path / "a")
    (tmp_path / "a").write_text("mine")
    with pytest.raises(FileExistsError, match="--force"):
        check_writable(tmp_path / "a")
    check_writable(tmp_path / "a", overwrite=True)
