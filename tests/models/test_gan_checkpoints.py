"""Checkpoints of a GAN: resumed runs have the same bits, killed ones too, and a damaged file is an error."""

import json
import os
import signal
import subprocess
import sys
import time
import zipfile

import numpy
import pytest

from gamedyn._archive import read_archive, write_archive
from gamedyn.models import GAN
from gamedyn.updates import Adam, OptimisticGradient
from tests.models.gan_runs import DATA, LABELS, run, same


@pytest.fixture(scope="module")
def whole():
    """A run of 20 steps that nothing stopped."""
    return run(20).fit(DATA, LABELS)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """The checkpoint of its first 10 steps."""
    path = tmp_path_factory.mktemp("gan") / "run.npz"
    run(10, checkpoint=path).fit(DATA, LABELS)
    return path


def test_a_run_in_two_parts_is_the_run(whole, file, tmp_path):
    assert same(run(20).fit(DATA, LABELS, resume=file), whole)
    assert same(GAN.resume(file, DATA, LABELS, steps=20, checkpoint=tmp_path / "other"), whole)
    assert os.listdir(tmp_path / "other") == ["checkpoint.npz"]
    # Checkpoints change nothing, wherever they fall, nor does the interval of records change the point.
    assert same(run(20, checkpoint=tmp_path / "a.npz", checkpoint_every=7).fit(DATA, LABELS), whole)
    numpy.testing.assert_array_equal(run(20, evaluate_every=3).fit(DATA, LABELS).z_, whole.z_)


@pytest.mark.parametrize("rule", [Adam(0.01), OptimisticGradient(0.05), None], ids=["Adam", "Optimistic", "default"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_any_rules_state_goes_on(rule, dtype, tmp_path):
    options = {"rule": rule, "dtype": dtype, "penalty": "r1", "rng": numpy.random.default_rng(3)}
    run(4, checkpoint=tmp_path / "a.npz", **options).fit(DATA, LABELS)
    whole = run(9, **(options | {"rng": 3})).fit(DATA, LABELS)
    assert same(GAN.resume(tmp_path / "a.npz", DATA, LABELS, steps=9), whole)


def test_files_from_before_other_models_load(whole, file, tmp_path):
    fields, values = read_archive(file, "gamedyn.gan/1", ("z", "state", "classes"), "it")
    assert values.pop("model") == "GAN"
    assert values["shapes"].pop("symbols") == 0
    write_archive(tmp_path / "old.npz", "gamedyn.gan/1", fields, values)
    assert same(GAN.resume(tmp_path / "old.npz", DATA, LABELS, steps=20), whole)


@pytest.mark.parametrize("options", [{}, {"ema_decay": None, "penalty": "r1"}, {"penalty": "clip"}], ids=str)
def test_a_planned_run_goes_on(options, tmp_path):
    options = {"packing": 1, "rule": None, **options}
    run(70, checkpoint=tmp_path / "a.npz", checkpoint_every=13, **options).fit(DATA)
    whole = run(150, **options).fit(DATA)
    assert whole._fit.training().legs.plan is not None
    assert same(GAN.resume(tmp_path / "a.npz", DATA, steps=150), whole)


@pytest.mark.parametrize("bits", ["MT19937", "Philox", "SFC64", "PCG64DXSM"])
def test_any_random_bits_go_on(bits, tmp_path):
    def rng():
        return numpy.random.Generator(getattr(numpy.random, bits)(2))

    run(2, rng=rng(), checkpoint=tmp_path / "a.npz").fit(DATA, LABELS)
    whole = run(5, rng=rng()).fit(DATA, LABELS)
    numpy.testing.assert_array_equal(GAN.resume(tmp_path / "a.npz", DATA, LABELS, steps=5).z_, whole.z_)


def test_an_interrupt_leaves_a_checkpoint_and_a_gan_that_can_be_used(whole, tmp_path):
    def stop(step, steps, note):
        if step >= 10:
            raise KeyboardInterrupt

    gan = run(20, progress=stop, checkpoint=tmp_path / "a.npz", checkpoint_every=100)
    with pytest.raises(KeyboardInterrupt):
        gan.fit(DATA, LABELS)
    assert gan.steps_ == GAN.load(tmp_path / "a.npz").steps_ == 10
    assert gan.sample(2, [0, 1]).shape == (2, 2)
    assert same(run(20).fit(DATA, LABELS, resume=tmp_path / "a.npz"), whole)


def test_a_loaded_gan_answers_without_data(whole, tmp_path):
    whole.save(tmp_path / "a.npz")
    again = GAN.load(tmp_path / "a.npz")
    assert same(again, whole)
    assert repr(again) == repr(whole)
    numpy.testing.assert_array_equal(again.sample(4, [0, 1, 2, 0], rng=1), whole.sample(4, [0, 1, 2, 0], rng=1))
    numpy.testing.assert_array_equal(again.discriminate(DATA[:4], LABELS[:4]), whole.discriminate(DATA[:4], LABELS[:4]))
    assert again.score(DATA, LABELS) == whole.score(DATA, LABELS)
    with pytest.raises(ValueError, match="`X` must be given to `as_game` of a GAN that was loaded"):
        again.as_game()
    game = again.as_game(DATA, LABELS)
    numpy.testing.assert_array_equal(game.losses(again.z_), whole.as_game().losses(whole.z_))
    assert again.partial_fit(DATA, LABELS).steps_ == 40


def test_what_a_file_cannot_hold_is_asked_for(tmp_path):
    class Own(Adam):
        pass

    gan = run(1, rule=Own(0.01)).fit(DATA, LABELS)
    gan.save(tmp_path / "a.npz")
    with pytest.raises(ValueError, match=r"a\.npz cannot hold `rule`, an object of .*Own\. Give it to `load`"):
        GAN.load(tmp_path / "a.npz")
    again = GAN.resume(tmp_path / "a.npz", DATA, LABELS, rule=Own(0.01), steps=3)
    numpy.testing.assert_array_equal(again.z_, run(3, rule=Own(0.01)).fit(DATA, LABELS).z_)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"batch_size": 5}, r"`batch_size` must be that of the checkpoint .*run\.npz to go on from there, 6, got 5"),
        ({"rule": Adam(0.01)}, r"`rule` must be that of the checkpoint .*ExtraAdam.*, got Adam"),
        ({"generator": (6,)}, r"`generator` must be that of .*, \(5,\), got \(6,\)"),
        ({"dtype": "float64"}, "`dtype` must be that of"),
    ],
)
def test_a_run_of_other_parameters_is_refused(changed, message, file):
    with pytest.raises(ValueError, match=message):
        run(20, **changed).fit(DATA, LABELS, resume=file)


def test_a_run_on_other_data_is_refused(file):
    for data, labels in ((DATA + 1e-6, LABELS), (DATA, LABELS[::-1]), (DATA[:-2], LABELS[:-2])):
        with pytest.raises(ValueError, match=r"`X` and `y` must be the data of the checkpoint .*run\.npz"):
            run(20).fit(data, labels, resume=file)
    # A run that is over is left as it is.
    assert run(5).fit(DATA, LABELS, resume=file).steps_ == 10
    with pytest.raises(FileNotFoundError):
        run(20).fit(DATA, LABELS, resume=file.with_name("none.npz"))


def members_of(file):
    """Name -> bytes of the members of a .npz."""
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(members):
    """A .npz of these members."""
    import io

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def header_of(members):
    """The header's JSON, and the bytes of its array before it."""
    import io

    stream = io.BytesIO(members["header.npy"])
    version = numpy.lib.format.read_magic(stream)
    numpy.lib.format.read_array_header_1_0(stream)
    assert version == (1, 0)
    return json.loads(stream.read())


def with_header(members, header):
    import io

    buffer = io.BytesIO()
    numpy.save(buffer, numpy.frombuffer(json.dumps(header).encode(), dtype=numpy.uint8))
    return {**members, "header.npy": buffer.getvalue()}


def flip(whole, members, rng):
    changed = bytearray(whole)
    for position in rng.integers(0, len(whole), rng.integers(1, 5)):
        changed[position] ^= int(rng.integers(1, 256))
    return bytes(changed)


def cut(whole, members, rng):
    return whole[: rng.integers(0, len(whole) - 1)]


def swap(whole, members, rng):
    """Two members exchange their contents."""
    a, b = rng.choice(sorted(members), 2, replace=False)
    return packed({**members, a: members[b], b: members[a]})


def lose(whole, members, rng):
    gone = rng.choice(sorted(members))
    return packed({name: data for name, data in members.items() if name != gone})


def retouch(whole, members, rng):
    """One byte of an array, in a sound archive with a right checksum of its own."""
    name = rng.choice([name for name in sorted(members) if name != "header.npy"])
    data = bytearray(members[name])
    data[rng.integers(0, len(data))] ^= int(rng.integers(1, 256))
    return packed({**members, name: bytes(data)})


def edit(whole, members, rng):
    """One number or word of the header, in a sound archive."""
    header = header_of(members)
    places = []

    def walk(node, path):
        parts = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for key, part in parts:
            walk(part, (*path, key))
            places.append((*path, key))

    walk(header, ())
    path = places[rng.integers(len(places))]
    node = header
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = [None, -1, 1e300, "x", [], {}, "../a"][rng.integers(7)]
    return packed(with_header(members, header))


def foreign(whole, members, rng):
    """Somebody else's .npz, with some of the names."""
    import io

    buffer = io.BytesIO()
    names = rng.choice(["z", "header", "weights", "classes"], 2, replace=False)
    numpy.savez(buffer, **{str(name): rng.normal(size=3) for name in names})
    return buffer.getvalue()


MUTATIONS = [flip, cut, swap, lose, retouch, edit, foreign]


def check_mutations(file, whole, count, rng, tmp_path):
    """Every one of `count` damaged files is one clear error, or the very GAN that was saved."""
    sound, members = file.read_bytes(), members_of(file)
    reference = GAN.load(file)
    damaged, refused = tmp_path / "damaged.npz", 0
    for k in range(count):
        mutation = MUTATIONS[k % len(MUTATIONS)]
        damaged.write_bytes(mutation(sound, members, rng))
        for read, right in ((GAN.load, reference), (lambda path: run(20).fit(DATA, LABELS, resume=path), whole)):
            try:
                found, message = read(damaged), None
            except ValueError as error:
                message = str(error)
            if message is None:
                # Time stamps and padding of the archive may change; a swap of equal members changes nothing.
                assert same(found, right), mutation
            else:
                assert "damaged.npz is not a checkpoint of a GAN that can be read" in message, mutation
                refused += 1
    return refused / (2 * count)


def test_a_damaged_file_is_one_clear_error(file, whole, tmp_path, rng):
    assert check_mutations(file, whole, 63, rng, tmp_path) > 0.9


@pytest.mark.full
def test_a_thousand_damaged_files_are_clear_errors(file, whole, tmp_path, rng):
    assert check_mutations(file, whole, 1000, rng, tmp_path) > 0.9


def test_a_sealed_file_of_something_else_is_refused(file, tmp_path):
    other = tmp_path / "other.npz"
    write_archive(other, "gamedyn.trajectory/1", {"z": numpy.zeros(3)})
    with pytest.raises(ValueError, match=r"other\.npz is not a checkpoint .* its schema is 'gamedyn\.trajectory/1'"):
        GAN.load(other)
    write_archive(other, "gamedyn.gan/1", {"z": numpy.zeros(3), "state": None, "classes": None}, {"step": 1})
    with pytest.raises(ValueError, match=r"other\.npz is not a checkpoint of a GAN that can be read"):
        GAN.load(other)


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"step": -1}, {}),
        ({"stride": 0}, {}),
        ({"shapes": {"features": 0, "frequencies": [0.5, 0.3, 0.2], "spread": 1.0}}, {}),
        ({"shapes": {"features": 2, "frequencies": [1.0], "spread": 1.0}}, {}),
        ({"generator_state": {"bit_generator": "Generator"}}, {}),
        ({}, {"z": numpy.full(3, numpy.nan)}),
        ({}, {"z": numpy.zeros((1, 3))}),
    ],
)
def test_a_sealed_file_with_other_contents_is_refused(values, fields, file, tmp_path):
    old_fields, old_values = read_archive(file, "gamedyn.gan/1", ("z", "state", "classes"), "a checkpoint")
    other = tmp_path / "other.npz"
    write_archive(other, "gamedyn.gan/1", {**old_fields, **fields}, {**old_values, **values})
    with pytest.raises(ValueError, match=r"other\.npz is not a checkpoint of a GAN that can be read"):
        GAN.load(other)


def kill_and_resume(file, steps, kills, rng):
    """Start the run, kill it at a random moment of its training, start it again from what is there, ...; let it end.

    Returns how many kills found it alive.
    """
    command, alive = [sys.executable, "-m", "tests.models.gan_runs", str(file), str(steps)], 0
    for _ in range(kills):
        before, process = written_at(file), subprocess.Popen(command)
        while written_at(file) == before and process.poll() is None:
            time.sleep(0.002)
        time.sleep(float(rng.uniform(0, 0.1)))
        alive += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
    subprocess.run(command, check=True, timeout=300)
    return alive


def written_at(file):
    return file.stat().st_mtime_ns if file.exists() else None


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system cannot kill")
def test_a_killed_run_goes_on_to_the_same_bits(tmp_path, rng):
    # Writing a checkpoint takes a good part of these steps: some kills fall into it.
    assert kill_and_resume(tmp_path / "run.npz", 300, 1, rng) == 1
    assert same(GAN.load(tmp_path / "run.npz"), run(300).fit(DATA, LABELS))


@pytest.mark.full
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system cannot kill")
def test_thirty_kills_change_no_bit(tmp_path, rng):
    assert kill_and_resume(tmp_path / "run.npz", 5000, 30, rng) > 20
    assert same(GAN.load(tmp_path / "run.npz"), run(5000).fit(DATA, LABELS))
