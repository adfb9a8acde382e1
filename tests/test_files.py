"""Files: whole or not there at all, no litter, and obstacles named before long work."""

import os
import subprocess
import sys

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


_WRITER = """
import sys, time
from gamedyn._files import write_atomically

def write(file):
    file.write(b"half")
    file.flush()
    print("begun", flush=True)
    time.sleep(60)

write_atomically(sys.argv[1], write)
"""


def _age(path):
    """Make it two minutes older."""
    status = path.stat()
    os.utime(path, (status.st_atime, status.st_mtime - 120))


def test_what_a_killed_writer_left_goes_with_the_next_write(tmp_path):
    path = tmp_path / "a.npz"
    with subprocess.Popen([sys.executable, "-c", _WRITER, path], stdout=subprocess.PIPE) as writer:
        try:
            writer.stdout.readline()
            (left,) = tmp_path.iterdir()
            _age(left)
            write_atomically(path, lambda file: file.write(b"mine"))
            assert left.read_bytes() == b"half", "its writer lives"
        finally:
            writer.kill()
    # Another file's writer, and what others call their files.
    others = [tmp_path / name for name in (".b.npz.0123456789ab", ".a.npz.old", ".a.npz.0123456789ab.txt")]
    for other in others:
        other.write_text("")
        _age(other)
    left.touch()
    write_atomically(path, lambda file: file.write(b"new"))
    assert left.exists(), "it is young"
    _age(left)
    write_atomically(path, lambda file: file.write(b"newer"))
    assert sorted(tmp_path.iterdir()) == sorted([path, *others])
    assert path.read_bytes() == b"newer"


@pytest.mark.skipif(os.name != "posix", reason="there are no such locks")
def test_nothing_is_removed_where_there_are_no_locks(tmp_path, monkeypatch):
    import fcntl

    def refuse(file, operation):
        raise OSError("no locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    left = tmp_path / ".a.0123456789ab"
    left.write_text("")
    _age(left)
    write_atomically(tmp_path / "a", lambda file: file.write(b"new"))
    assert sorted(os.listdir(tmp_path)) == [".a.0123456789ab", "a"]


@pytest.mark.skipif(os.name != "posix", reason="there are no such locks")
def test_the_lock_is_held_until_the_file_has_its_name_and_no_longer(tmp_path, monkeypatch):
    found, replace = [], os.replace

    def look(source, target):
        with open(source, "rb") as file:
            found.append(_files._lock(file))
        replace(source, target)

    monkeypatch.setattr(_files.os, "replace", look)
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    write_atomically(tmp_path / "a", lambda file: None)
    assert found == [False]
    with open(tmp_path / "a", "rb") as file:
        assert _files._lock(file)
    assert not before or len(os.listdir("/proc/self/fd")) == before
