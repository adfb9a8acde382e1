"""GAN.fit on the fused kernels, run on the processor: the GAN that the functional reference trains."""

import numpy
import pytest

from gamedyn.models import GAN, _device_plan, _training_legs
from gamedyn.updates import SimultaneousGradientDescent
from tests.models.gan_runs import DATA, small
from tests.models.kernel_shim import ShimModule


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("kernels")


@pytest.fixture
def on_device(folder, monkeypatch):
    """Arrays of NumPy are taken for those of a device, whose kernels run on the processor."""
    monkeypatch.setattr(ShimModule, "folder", folder)
    monkeypatch.setattr(ShimModule, "launched", 0)
    monkeypatch.setattr(_training_legs, "plan_training", lambda *arguments: None)
    monkeypatch.setattr(_device_plan, "KernelModule", ShimModule)
    monkeypatch.setattr(_device_plan, "takes_kernels", lambda array: type(array) is numpy.ndarray)
    return ShimModule


def by_steps(monkeypatch, gan):
    """The same GAN, trained by the functional reference."""
    with monkeypatch.context() as patched:
        patched.setattr(_training_legs, "plan_on_device", lambda *arguments: None)
        return gan.fit(DATA)


@pytest.mark.parametrize(
    "options",
    [
        {"activation": "leaky-relu", "objective": "hinge"},
        {"discriminator_steps": 3, "penalty": "clip", "penalty_weight": 0.3, "objective": "wasserstein"},
        {"rule": SimultaneousGradientDescent(0.1), "ema_decay": 0.9, "objective": "least-squares"},
    ],
    ids=["Adam", "clipped", "average"],
)
def test_fit_is_that_of_the_reference(on_device, monkeypatch, options):
    given = {"steps": 70, "dtype": "float64", "evaluate_every": 35, **options}
    found = small(**given).fit(DATA)
    launched = on_device.launched
    expected = by_steps(monkeypatch, small(**given))
    assert on_device.launched == launched > 70
    numpy.testing.assert_allclose(found.z_, expected.z_, rtol=1e-8, atol=1e-10)
    for name in ("wasserstein", "critic_estimate"):
        numpy.testing.assert_allclose(getattr(found.history_, name), getattr(expected.history_, name), rtol=1e-6)
    if found.average_ is not None:
        numpy.testing.assert_allclose(found.average_, expected.average_, rtol=1e-8, atol=1e-10)
    assert found._fit.point.generator_state == expected._fit.point.generator_state
    numpy.testing.assert_allclose(found.sample(3, rng=0), expected.sample(3, rng=0), rtol=1e-7)


def test_what_has_no_plan_is_played_by_the_reference(on_device):
    small(penalty="r1").fit(DATA)
    assert on_device.launched == 0


def test_a_stopped_run_goes_on_to_the_same_bits(on_device, tmp_path):
    given = {"evaluate_every": 9, "discriminator_steps": 2, "ema_decay": None}
    whole = small(steps=150, **given).fit(DATA)
    small(steps=47, checkpoint=tmp_path / "a.npz", **given).fit(DATA)
    resumed = GAN.resume(tmp_path / "a.npz", DATA, steps=150)
    for measured, expected in zip(
        (resumed.z_, *resumed._fit.point.state.inner), (whole.z_, *whole._fit.point.state.inner), strict=True
    ):
        assert measured.dtype == expected.dtype
        numpy.testing.assert_array_equal(measured, expected)
    assert resumed._fit.point.generator_state == whole._fit.point.generator_state


def test_a_run_that_leaves_the_numbers_names_player_and_step(on_device, monkeypatch):
    given = {"steps": 200, "dtype": "float64", "rule": SimultaneousGradientDescent(30.0), "objective": "least-squares"}
    found, expected = small(**given), small(**given)
    with pytest.warns(RuntimeWarning) as told:
        found.fit(DATA)
    launched = on_device.launched
    with pytest.warns(RuntimeWarning) as expectedly:
        by_steps(monkeypatch, expected)
    assert on_device.launched == launched > 0
    assert (found.steps_, found.status_) == (expected.steps_, expected.status_)
    assert found.steps_ < 200
    assert numpy.isfinite(found.z_).all()
    assert found._fit.point.generator_state == expected._fit.point.generator_state
    # A plan names the player who moves first, the reference all who have left the numbers.
    said, reference = str(told[0].message), str(expectedly[0].message)
    assert said.startswith(f"training diverged at step {found.steps_ + 1}: player 0 (the generator) ")
    assert reference.startswith(said.partition(" became")[0])


@pytest.mark.gpu
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    "options",
    [
        {"activation": "leaky-relu"},
        {"discriminator_steps": 3, "penalty": "clip", "penalty_weight": 0.3, "objective": "wasserstein"},
        {"rule": SimultaneousGradientDescent(0.1), "ema_decay": 0.9, "objective": "least-squares"},
        {"penalty": "r1"},
        {"generator": (128, 128), "discriminator": (128, 128), "batch_size": 300},
    ],
    ids=["Adam", "clipped", "average", "without a plan", "wide"],
)
def test_on_a_device(options, dtype):
    # 110 steps: without a graph, recorded and replayed, and a rest.
    import cupy

    given = {"steps": 110, "dtype": dtype, "evaluate_every": 110, **options}
    rows = numpy.random.default_rng(5).normal(size=(400, 2))
    found, expected = small(**given).fit(cupy.asarray(rows)), small(**given).fit(rows)
    assert type(found.z_) is cupy.ndarray
    rtol = 1e-7 if dtype == "float64" else 2e-2
    numpy.testing.assert_allclose(cupy.asnumpy(found.z_), expected.z_, rtol=rtol, atol=rtol / 100)
    again = small(**given).fit(cupy.asarray(rows))
    numpy.testing.assert_array_equal(cupy.asnumpy(again.z_), cupy.asnumpy(found.z_))


@pytest.mark.gpu
def test_a_stopped_run_goes_on_to_the_same_bits_on_a_device(tmp_path):
    import cupy

    rows = cupy.asarray(DATA)
    whole = small(steps=150).fit(rows)
    small(steps=47, checkpoint=tmp_path / "a.npz").fit(rows)
    resumed = GAN.resume(tmp_path / "a.npz", rows, steps=150)
    numpy.testing.assert_array_equal(cupy.asnumpy(resumed.z_), cupy.asnumpy(whole.z_))
