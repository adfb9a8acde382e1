"""GANs fitted from many seeds: each is the GAN that is fitted from this seed alone."""

import warnings

import numpy
import pytest

from gamedyn.data import named_target, target_modes
from gamedyn.dynamics import Status
from gamedyn.models import GAN, _ensemble_legs, captured_modes, fit_seeds
from gamedyn.models._ensemble_draws import EnsembleDraws
from gamedyn.models._training_plan import plan_training
from gamedyn.nn import Convolution, Dense, Network, ReLU, Reshape
from gamedyn.updates import Adam, PastExtragradient, SimultaneousGradientDescent
from tests.models.gan_runs import DATA, LABELS, same, small


def alone(gan, seed, *data):
    return GAN(**(gan.get_params() | {"rng": seed})).fit(*data)


OPTIONS = [
    {"dtype": "float64", "ema_decay": 0.9, "evaluate_every": 2},
    {"penalty": "r1", "activation": "softplus", "discriminator_steps": 2},
    {"objective": "wasserstein", "penalty": "clip", "discriminator_steps": 3, "rule": Adam(0.01)},
    {"objective": "least-squares", "penalty": "dragan", "instance_noise": 0.1, "batch_size": 7},
    {"packing": 2, "penalty": "gradient-penalty"},
    {"steps": 0},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_members_are_the_gans_of_their_seeds(options):
    gan = small(**options)
    many = fit_seeds(gan, DATA, seeds=(3, numpy.int64(8), 0))
    assert many.reason == ""
    assert not hasattr(gan, "z_")
    for seed, member in zip((3, 8, 0), many, strict=True):
        assert member.steps_ == gan.steps
        other = alone(gan, seed, DATA)
        assert member.status_ == other.status_ == Status.MAX_STEPS
        assert (gan.steps == 0 and numpy.array_equal(member.z_, other.z_)) or same(member, other)
    assert abs(many[0].z_ - many[1].z_).max() > 1e-3


def test_conditional_members():
    gan = small(penalty="r2", dtype="float64")
    many = fit_seeds(gan, DATA, LABELS, seeds=[4, 5])
    assert many.reason == ""
    assert all(same(member, alone(gan, seed, DATA, LABELS)) for seed, member in zip([4, 5], many, strict=True))
    assert many[1].sample(3, 1, rng=0).shape == (3, 2)


def test_convolutional_members():
    images = numpy.random.default_rng(0).standard_normal((20, 16))
    critic = Network(
        (Reshape((4, 4, 1)), Convolution(1, 2, (2, 2), stride=2), ReLU(), Reshape((8,), inputs=(2, 2, 2)), Dense(8, 1)),
        16,
    )
    gan = small(discriminator=critic, penalty="r1")
    many = fit_seeds(gan, images, seeds=[4, 5])
    assert many.reason == ""
    assert all(same(member, alone(gan, seed, images)) for seed, member in zip([4, 5], many, strict=True))


def test_members_train_on_and_can_be_stored(tmp_path):
    member = fit_seeds(small(), DATA, seeds=[5, 6])[1]
    member.save(tmp_path / "a.npz")
    loaded = GAN.load(tmp_path / "a.npz")
    assert loaded.rng == 6
    assert numpy.array_equal(loaded.z_, member.z_)
    assert same(member.partial_fit(DATA), alone(small(), 6, DATA).partial_fit(DATA))


def test_generators_are_advanced_as_by_single_fits():
    rngs, others = ([numpy.random.default_rng(k) for k in range(2)] for _ in range(2))
    many = fit_seeds(small(), DATA, seeds=rngs)
    for member, rng, other in zip(many, rngs, others, strict=True):
        assert numpy.array_equal(member.z_, alone(small(), other, DATA).z_)
        assert rng.bit_generator.state == other.bit_generator.state


@pytest.mark.parametrize(
    ("options", "data", "reason"),
    [
        ({"unrolled_steps": 1}, (DATA, LABELS), "`unrolled_steps` is 1"),
        ({"activation": "silu"}, (DATA,), "`generator` has layers that ensembles do not know"),
        ({"penalty": "spectral"}, (DATA,), "`discriminator` has layers that ensembles do not know"),
        ({"rule": PastExtragradient(0.01)}, (DATA,), "`rule` is PastExtragradient"),
    ],
)
def test_what_ensembles_do_not_know_is_fitted_one_by_one(options, data, reason):
    gan = small(steps=2, **options)
    many = fit_seeds(gan, *data, seeds=[1, 2])
    assert many.reason == reason
    assert reason in str(many)
    assert all(same(member, alone(gan, seed, *data)) for seed, member in zip([1, 2], many, strict=True))


def test_a_member_that_diverges_stops_alone_and_is_named():
    gan = small(objective="least-squares", activation="relu", rule=SimultaneousGradientDescent(0.2), steps=80)
    seeds = range(6)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        many = fit_seeds(gan, 3 * DATA, seeds=seeds)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        others = [alone(gan, seed, 3 * DATA) for seed in seeds]
    diverged = [k for k, member in enumerate(many) if member.status_ == Status.DIVERGED]
    assert 0 < len(diverged) < 6
    assert all(
        same(member, other) and member.status_ == other.status_ for member, other in zip(many, others, strict=True)
    )
    texts = [str(each.message) for each in caught]
    assert [
        text.startswith(f"member {k} (seed {k}): training diverged at step ")
        for k, text in zip(diverged, texts, strict=True)
    ]


def test_steps_of_a_divergence_after_the_first_look():
    # Linear networks grow by the same factor in each step: all are out after some 110 of 200.
    gan = GAN("wasserstein", generator=(), discriminator=(), rule=SimultaneousGradientDescent(2.0), steps=200,
              batch_size=8, evaluate_every=200)  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        many, others = fit_seeds(gan, DATA, seeds=range(3)), [alone(gan, seed, DATA) for seed in range(3)]
    assert many.reason == ""
    assert all(
        64 < member.steps_ < 200 and member.steps_ == other.steps_ for member, other in zip(many, others, strict=True)
    )
    assert all(same(*pair) for pair in zip(many, others, strict=True))


def test_groups_are_as_large_as_the_cache_holds(monkeypatch):
    def largest(width):
        gan = GAN(generator=(width,), discriminator=(width,), steps=0, batch_size=32, rng=0).fit(DATA)
        fit = gan._fit
        return _ensemble_legs._largest_group(plan_training(fit.model, fit.rule, fit.point.z))

    narrow, wide = largest(4), largest(64)
    assert narrow > 4 * wide > 4
    # The hidden layers alone have 64 units for 32 rows of the generator's and 64 of the critic's, in float32.
    assert wide < 2**21 / (64 * 96 * 4)
    monkeypatch.setattr(_ensemble_legs, "_CACHE", 10)
    assert largest(4) == 1


@pytest.mark.parametrize(
    ("seeds", "error", "message"),
    [
        ([], ValueError, "at least, got none"),
        (4, TypeError, r"`seeds` must be a sequence .* got 4. Take range\(4\)"),
        ([1, 2, 1], ValueError, "different, got 1 at 0 and at 2"),
        ([1, -2], TypeError, "got -2 at 1"),
        ([1, 0.5], TypeError, "got 0.5 at 1"),
        ([numpy.random.default_rng(0)] * 2, ValueError, "different"),
    ],
)
def test_bad_seeds(seeds, error, message):
    with pytest.raises(error, match=message):
        fit_seeds(small(), DATA, seeds=seeds)


def test_other_bad_input(tmp_path):
    with pytest.raises(TypeError, match="`gan` must be a GAN, got"):
        fit_seeds("gan", DATA, seeds=[1])
    with pytest.raises(ValueError, match="`gan` must have no `checkpoint`"):
        fit_seeds(small(checkpoint=tmp_path), DATA, seeds=[1])
    bad = DATA.copy()
    bad[3, 1] = numpy.nan
    with pytest.raises(ValueError, match="row 3"):
        fit_seeds(small(), bad, seeds=[1])


def test_spread_over_seeds():
    ring = named_target("ring")
    gan = small(target=ring)
    many = fit_seeds(gan, ring.sample(100, rng=0), seeds=range(3))
    modes = many.measure(lambda member: captured_modes(member.sample(200, rng=1), target_modes(ring)))
    assert modes.shape == (3,)
    assert set(modes) <= set(range(9))
    lines = str(many).splitlines()
    assert lines[0] == "3 GANs, fitted at once"
    assert [line.split()[:3] for line in lines[2:5]] == [[str(k), "6", "MAX_STEPS"] for k in range(3)]
    last = [member.history_.wasserstein[-1] for member in many]
    assert f"W1 {numpy.mean(last):.3g} +- {numpy.std(last, ddof=1):.2g}" in lines[5]


def test_progress_counts_steps():
    told = []
    fit_seeds(
        small(progress=lambda step, steps, note="": told.append((step, steps)), evaluate_every=3), DATA, seeds=[1, 2]
    )
    assert told == [(3, 6), (6, 6)]


@pytest.mark.parametrize("kind", [numpy.random.PCG64, numpy.random.MT19937])
@pytest.mark.parametrize("n", [1, 50, 2**16, 3 * 2**30])
def test_rows_are_those_of_integers(n, kind):
    """Of 3 * 2^30 rows one of four words is drawn again; the data behind them are not needed."""
    gan = small(batch_size=8)
    model = fit_seeds(gan, DATA, seeds=[0])[0]._fit.model
    plan = plan_training(model, Adam(0.1), model.init(0), (3,))
    draws, others = ([numpy.random.Generator(kind(k)) for k in range(3)] for _ in range(2))
    ensemble = EnsembleDraws(model, plan.batch, draws)
    apart = set(range(3)) if n == 1 else ensemble.apart
    for _ in range(5):
        rows = ensemble._rows(n, draws, apart, ensemble.raw)
        assert numpy.array_equal(rows, [rng.integers(n, size=8) for rng in others])
