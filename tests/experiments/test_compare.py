"""Facts about comparisons of two samples."""

import math

import numpy
import pytest
import scipy.integrate
import scipy.stats

from gamedyn.data import Table
from gamedyn.divergences import energy_distance
from gamedyn.experiments import compare_samples
from gamedyn.experiments._figures import _energy_error, _line_error, _line_noise
from gamedyn.transport import wasserstein_on_line


def compare(x, y, **options):
    return compare_samples(x, y, **{"permutations": 99, "projections": 50, "rng": 0, **options})


def named(comparison, name):
    return [figure for figure in comparison.figures if figure.name == name]


@pytest.fixture(scope="module")
def shifted():
    """1500 draws of N(0, 1) against N(1, 1)."""
    rng = numpy.random.default_rng(3)
    return compare(rng.standard_normal(1500), rng.standard_normal(1500) + 1)


def truths():
    def js(x):
        p, q = scipy.stats.norm.pdf(x), scipy.stats.norm.pdf(x, 1)
        return (p * math.log(2 * p / (p + q)) + q * math.log(2 * q / (p + q))) / 2

    jensen_shannon = scipy.integrate.quad(js, -12, 13)[0]
    # 2 E|X - Y| - E|X - X'| - E|Y - Y'| with X - Y ~ N(-1, 2) and X - X' ~ N(0, 2).
    across = 2 / math.sqrt(math.pi) * math.exp(-1 / 4) + math.erf(1 / 2)
    return {
        "kl_a_b": 0.5,
        "kl_b_a": 0.5,
        "js": jensen_shannon,
        "gan_value": 2 * jensen_shannon - math.log(4.0),
        "w1[0]": 1.0,
        "sliced_w1": 1.0,
        "energy_distance": 2 * across - 2 * 2 / math.sqrt(math.pi),
    }


@pytest.mark.parametrize("name", truths())
def test_every_figure_meets_its_truth(shifted, name):
    truth = truths()[name]
    assert named(shifted, name)
    for figure in named(shifted, name):
        # Four standard errors; the data are fixed, and quantities of this size have errors of a few percent.
        assert abs(figure.value - truth) < 4 * figure.standard_error
        assert 0 < figure.standard_error < 0.1 * max(abs(truth), 0.2)
        lower, upper = figure.interval
        assert lower < figure.value < upper
        assert figure.sentence.endswith(".")


def test_the_two_directions_of_kl_are_not_mixed_up(rng):
    # N(0, 1) against N(0, 9): log 3 + 1/18 - 1/2 one way, -log 3 + 9/2 - 1/2 the other, four times as much.
    found = compare(rng.standard_normal(800), 3 * rng.standard_normal(800))
    truth = math.log(3.0) - 4 / 9
    forth, back = named(found, "kl_a_b"), named(found, "kl_b_a")
    assert abs(forth[0].value - truth) < 4 * forth[0].standard_error < 0.4
    for figure in back:
        # May fall short of 2.9, for tails that the first sample does not reach.
        assert 1.5 * truth < figure.value < 4 - math.log(3.0) + 4 * figure.standard_error
    assert any("tails that the other sample does not reach" in note for note in found.notes)


def test_errors_of_the_gan_value_are_twice_those_of_js(shifted):
    for js, gan in zip(named(shifted, "js"), named(shifted, "gan_value"), strict=True):
        assert gan.standard_error == 2 * js.standard_error
        assert gan.interval == tuple(pytest.approx(2 * end - math.log(4.0)) for end in js.interval)


def test_different_laws_are_told_apart(shifted):
    (energy,) = named(shifted, "energy_distance")
    assert energy.p_value == 1 / 100
    assert "the samples differ" in energy.sentence
    assert energy.value > 20 * energy.under_equality


def test_equal_laws_are_not_told_apart(rng):
    found = compare(rng.standard_normal((400, 2)), rng.standard_normal((300, 2)))
    (energy,) = named(found, "energy_distance")
    assert energy.p_value > 0.01
    for name in ("kl_a_b", "js"):
        for figure in named(found, name):
            assert figure.interval[0] < 1e-9
            assert "the interval reaches 0" in figure.sentence
    for figure in named(found, "w1[0]"):
        assert figure.value < 3 * figure.under_equality


def test_disjoint_laws_stay_within_their_range(rng):
    found = compare(rng.random(100), rng.random(100) + 5)
    for figure in named(found, "js"):
        assert figure.value <= math.log(2.0)
    for figure in named(found, "gan_value"):
        assert figure.value <= 1e-15
    # KL is infinite; a hundred rows can show log(100 / 5) = 3 nats by five neighbours.
    for name in ("kl_a_b", "kl_b_a"):
        neighbours = named(found, name)[0]
        assert 2.4 < neighbours.value < 3.5
        assert neighbours.interval[1] == math.inf
        assert "neighbours among 100 rows cannot show more" in neighbours.sentence
    assert found.document()["figures"][0]["interval"][1] is None


def test_an_estimate_below_a_lower_bound_is_noted(rng):
    # In 40 dimensions, KL(N(0, I), N(0, 9 I)) = 40 (log 3 + 1/18 - 1/2) = 26: neighbours see a small part of it.
    narrow, wide = rng.normal(size=(400, 40)), 3 * rng.normal(size=(400, 40))
    notes = [note for note in compare_samples(narrow, wide, permutations=9, rng=0).notes if "trust the bound" in note]
    assert len(notes) == 1
    assert notes[0].startswith("KL(A || B)")
    close = compare_samples(narrow[:, :1], narrow[::-1, 1:2], permutations=9, rng=0)
    assert not any("trust the bound" in note for note in close.notes)


def test_error_and_noise_of_w1_are_those_seen_over_many_samples():
    rng = numpy.random.default_rng(5)
    for shift in (0.0, 1.0):
        values, errors, noises = [], [], []
        for _ in range(300):
            x, y = rng.standard_normal(200), rng.standard_normal(150) + shift
            values.append(float(wasserstein_on_line(x, y)))
            errors.append(math.sqrt(_line_error(x, y)[0]))
            noises.append(_line_noise(x, y))
        if shift:
            # A spread of 300 values is known to 4 %.
            assert numpy.mean(errors) == pytest.approx(numpy.std(values), rel=0.16, abs=0.0)
        else:
            assert numpy.mean(noises) == pytest.approx(numpy.mean(values), rel=0.08, abs=0.0)


def test_error_of_the_energy_distance_is_that_seen_over_many_samples():
    rng = numpy.random.default_rng(6)
    values, errors = [], []
    for _ in range(200):
        x, y = rng.standard_normal((80, 1)), rng.standard_normal((60, 1)) + 1
        values.append(energy_distance(x, y))
        errors.append(_energy_error(x, y))
    # A spread of 200 values is known to 5 %.
    assert numpy.mean(errors) == pytest.approx(numpy.std(values), rel=0.2, abs=0.0)


def test_data_frames_keep_their_names_and_order(rng):
    pandas = pytest.importorskip("pandas")
    x = pandas.DataFrame({"a": rng.random(30), "b": rng.random(30) + 9})
    y = pandas.DataFrame({"b": rng.random(30) + 9, "a": rng.random(30)})
    found = compare(x, y, labels=("real", "fake"))
    assert found.columns == ("a", "b")
    # Columns are matched by name: neither moves by 9.
    assert named(found, "w1[b]")[0].value < 1
    assert compare(x, y.to_numpy()[:, ::-1]).columns == ("a", "b")
    assert compare(x, y, columns=["b"]).columns == ("b",)
    with pytest.raises(ValueError, match="both samples must have the same columns, got 'a' in real only"):
        compare(x, y.rename(columns={"a": "c"}), labels=("real", "fake"))


def test_rows_beyond_the_limit_are_left_out_with_a_note(rng):
    found = compare(rng.random(100), rng.random(50), max_rows=60)
    assert found.rows == (60, 50)
    assert found.notes[0] == "60 of 100 rows of A are used, drawn at random (max_rows)."


def test_missing_rows_are_counted(rng):
    x = rng.random(50)
    x[:3] = math.nan
    with pytest.raises(ValueError, match="A: row 0, column '0': the value is missing"):
        compare(x, rng.random(50))
    found = compare(x, rng.random(50), missing="drop")
    assert found.rows == (47, 50)
    assert found.notes[0] == "3 rows of A with missing values are left out."


def test_constant_columns_are_left_out_or_noted(rng):
    x, y = rng.random((40, 3)), rng.random((40, 3))
    x[:, 1] = y[:, 1] = 7
    x[:, 2] = 0.5
    found = compare(x, y, standardize="pooled")
    assert not named(found, "w1[1]")
    assert "column 1: constant, with one value in both samples, and left out." in found.notes
    assert any("column 2: constant in A only" in note for note in found.notes)
    with pytest.raises(ValueError, match="there is nothing to compare: every column is constant"):
        compare(x[:, 1], y[:, 1])


def test_standardised_columns_do_not_depend_on_units(rng):
    x, y = rng.random((60, 2)), rng.random((60, 2)) + 0.3
    scale = numpy.array([1000.0, 0.001])
    for one, other in zip(
        compare(x, y, standardize="pooled").figures,
        compare(x * scale, y * scale, standardize="pooled").figures,
        strict=True,
    ):
        assert one.value == pytest.approx(other.value, rel=1e-6, abs=1e-12)
    assert any("weigh the columns by their units" in note for note in compare(x, y).notes)


def test_same_seed_same_figures(rng):
    x, y = rng.random((60, 2)), rng.random((60, 2))
    assert compare(x, y).figures == compare(x, y).figures


def test_document_is_plain_and_complete(shifted):
    document = shifted.document()
    assert document["schema"] == "gamedyn.compare/1"
    assert {"name", "value", "standard_error", "interval", "method", "unit", "sentence", "level"} <= set(
        document["figures"][0]
    )
    assert [figure["name"] for figure in document["figures"]].count("gan_value") == 2


def test_numbers_that_are_not_finite_become_null(rng):
    # Twenty rows are too few for an error by subsampling.
    found = compare(rng.random(20), rng.random(20))
    (figure, _) = named(found, "kl_a_b")
    assert math.isnan(figure.standard_error)
    assert figure.sentence == "Too few rows for an interval."
    assert found.document()["figures"][0]["standard_error"] is None


@pytest.mark.parametrize(
    ("x", "y", "options", "message"),
    [
        (numpy.zeros((30, 2)), numpy.zeros((30, 3)), {}, "got 2 in A and 3 in B. Choose with `columns`"),
        (numpy.arange(1.0), numpy.arange(30.0), {}, "A: a comparison takes at least 20 rows, got 1"),
        (numpy.arange(30.0), numpy.arange(30.0), {"standardize": "each"}, "`standardize` must be one of"),
        (numpy.arange(30.0), numpy.arange(30.0), {"max_rows": 5}, "`max_rows` must be at least 20, got 5"),
        (numpy.arange(30.0), numpy.arange(30.0), {"permutations": 0}, "`permutations` must be at least 1"),
        (numpy.arange(30.0), numpy.arange(30.0), {"columns": [1]}, "A: there is no column 1"),
        (Table(numpy.zeros((30, 1)), ("a",)), Table(numpy.zeros((30, 1)), ("b",)), {}, "got 'a' in A only"),
    ],
)
def test_bad_input_is_one_sentence(x, y, options, message):
    with pytest.raises(ValueError, match=message):
        compare(x, y, **options)
