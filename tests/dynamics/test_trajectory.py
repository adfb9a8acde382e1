import json
import os
import zipfile
from typing import Any, NamedTuple

import numpy
import pytest

from gamedyn._archive import write_archive
from gamedyn.dynamics import Status, Trajectory


class Memory(NamedTuple):
    previous: Any
    empty: Any


@pytest.fixture
def path():
    points = numpy.arange(12.0).reshape(3, 2, 2)
    return Trajectory(
        points=points,
        times=numpy.arange(3),
        gradient_calls=numpy.arange(3) * 2.0,
        status=numpy.array([Status.MAX_STEPS, Status.DIVERGED]),
        stop_step=numpy.array([2, 1]),
        final=points[-1],
        final_state=(Memory(points[0], None), points[1]),
        observed={"loss": points[..., 0]},
    )


def test_distance_is_euclidean(path):
    assert path.distance_to([0.0, 0.0])[0, 1] == pytest.approx(13**0.5)
    assert path.distance_to(path.points[0])[0].tolist() == [0.0, 0.0]
    # Squares of 3e200 and 4e-200 would be inf and 0.
    for scale in (1e200, 1e-200):
        far = Trajectory(**{**vars(path), "points": scale * numpy.array([[[3.0, 4.0]]])})
        assert far.distance_to(0.0)[0, 0] == pytest.approx(5 * scale, rel=1e-15, abs=0.0)


def test_comes_back_as_it_was_saved(path, tmp_path):
    file = tmp_path / "run.npz"
    path.save(file)
    path.save(file)  # over an older one
    again = Trajectory.load(file)
    for name in ("points", "times", "gradient_calls", "status", "stop_step", "final"):
        numpy.testing.assert_array_equal(getattr(again, name), getattr(path, name), strict=True)
    numpy.testing.assert_array_equal(again.observed["loss"], path.observed["loss"])
    numpy.testing.assert_array_equal(again.final_state[0].previous, path.points[0])
    assert again.final_state[0].empty is None
    numpy.testing.assert_array_equal(again.final_state[1], path.points[1])
    assert os.listdir(tmp_path) == ["run.npz"]
    with zipfile.ZipFile(file) as archive:
        assert {member.compress_type for member in archive.infolist()} == {zipfile.ZIP_STORED}
    header = json.loads(numpy.load(file, allow_pickle=False)["header"].tobytes())
    assert header["schema"] == "gamedyn.trajectory/1"


def test_a_failed_save_leaves_the_older_file(path, tmp_path):
    file = tmp_path / "run.npz"
    path.save(file)
    before = file.read_bytes()
    broken = Trajectory(**{**vars(path), "final": numpy.array([{}], dtype=object)})
    with pytest.raises(ValueError):
        broken.save(file)
    assert file.read_bytes() == before
    assert os.listdir(tmp_path) == ["run.npz"]


def test_every_cut_and_every_changed_byte_is_noticed_or_harmless(path, tmp_path, rng):
    file = tmp_path / "run.npz"
    path.save(file)
    whole = file.read_bytes()
    damaged = tmp_path / "damaged.npz"
    for size in rng.integers(0, len(whole) - 1, 40):
        damaged.write_bytes(whole[:size])
        with pytest.raises(ValueError, match=r"damaged\.npz"):
            Trajectory.load(damaged)
    noticed = 0
    for position in rng.integers(0, len(whole), 300):
        changed = bytearray(whole)
        changed[position] ^= 0x41
        damaged.write_bytes(changed)
        try:
            again = Trajectory.load(damaged)
        except ValueError:
            noticed += 1
        else:
            # Time stamps and padding may change; no array may.
            numpy.testing.assert_array_equal(again.points, path.points, strict=True)
            numpy.testing.assert_array_equal(again.status, path.status, strict=True)
    assert noticed > 200


def test_an_array_exchanged_in_a_sound_file_is_noticed(path, tmp_path):
    file = tmp_path / "run.npz"
    path.save(file)
    arrays = dict(numpy.load(file, allow_pickle=False))
    numpy.savez(file, **{**arrays, "points": arrays["points"] + 1e-9})
    with pytest.raises(ValueError, match="a checksum does not fit"):
        Trajectory.load(file)


def test_a_compressed_file_and_a_foreign_file_are_refused(path, tmp_path):
    foreign = tmp_path / "foreign.npz"
    numpy.savez(foreign, points=numpy.zeros(3))
    with pytest.raises(ValueError, match="not a trajectory"):
        Trajectory.load(foreign)
    numpy.savez_compressed(foreign, points=numpy.zeros(3))
    with pytest.raises(ValueError, match="its members are compressed"):
        Trajectory.load(foreign)
    with pytest.raises(FileNotFoundError):
        Trajectory.load(tmp_path / "none.npz")


def test_a_sound_file_of_other_fields_is_refused(tmp_path):
    write_archive(tmp_path / "other.npz", "gamedyn.trajectory/1", {"points": numpy.zeros((2, 1))})
    with pytest.raises(ValueError, match=r"its fields are \['points'\]"):
        Trajectory.load(tmp_path / "other.npz")
