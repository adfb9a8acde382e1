"""Facts about tables of arrays and data frames."""

import numpy
import pytest

from gamedyn.data import Table, as_table


def test_arrays_of_any_library(library):
    table = as_table(library.asarray([[1.0, 2.0], [3.0, 4.0]], "float32"))
    assert isinstance(table.values, numpy.ndarray)
    assert table.values.dtype == numpy.float64
    assert table.names == ("0", "1")


def test_lists_and_one_axis():
    assert as_table([1, 2, 3]).values.shape == (3, 1)


def test_data_frames_keep_their_names():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"label": ["a", "b", "c"], "x": [1, 2, 3], "y": [0.5, None, 1.5]})
    table = as_table(frame, columns=["y", "x"], missing="drop")
    assert table.names == ("y", "x")
    assert table.dropped == 1
    numpy.testing.assert_array_equal(table.values, [[0.5, 1.0], [1.5, 3.0]])
    with pytest.raises(ValueError, match=r"real, column 'label': values must be real numbers, got 'a'"):
        as_table(frame, name="real")
    nullable = pandas.DataFrame({"n": pandas.array([1, None], dtype="Int64")})
    assert as_table(nullable, missing="drop").values.tolist() == [[1.0]]
    mixed = pandas.DataFrame({"n": pandas.Series([1, pandas.NA, None, 2.5], dtype=object)})
    assert as_table(mixed, missing="drop").values.tolist() == [[1.0], [2.5]]
    with pytest.raises(ValueError, match=r"column 't': values must be real numbers, got '1\.5'"):
        as_table(pandas.DataFrame({"t": ["1.5", "2.5"]}))
    with pytest.raises(ValueError, match="column names must be distinct"):
        as_table(pandas.DataFrame([[1, 2]], columns=["a", "a"]))
    assert as_table(pandas.Series([1.0, 2.0])).values.shape == (2, 1)


class Column:
    def __init__(self, values):
        self.values = values

    def to_numpy(self):
        return numpy.array(self.values)


class Frame:
    """The least that a data frame has: columns by name, and arrays of them."""

    columns = ("a", "b")

    def __getitem__(self, name):
        return Column({"a": [1.0, 2.0], "b": [3, 4]}[name])

    def to_numpy(self):
        raise AssertionError


def test_any_data_frame_will_do():
    table = as_table(Frame(), columns=["b"])
    assert table.names == ("b",)
    numpy.testing.assert_array_equal(table.values, [[3.0], [4.0]])


def test_tables_pass_through():
    table = Table(numpy.ones((2, 2)), ("a", "b"), "x.csv", 3)
    again = as_table(table, columns=["b"])
    assert (again.names, again.path, again.dropped) == (("b",), "x.csv", 3)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (numpy.zeros((2, 2, 2)), r"real: samples must have shape \(n,\) or \(n, d\), got \(2, 2, 2\)"),
        ([["a"]], "real: values must be real numbers"),
        ([[1.0, numpy.inf]], r"real: row 0, column '1': values must be finite, got inf"),
        ([[1.0], [numpy.nan]], r"real: row 1, column '0': the value is missing"),
        ([], "real: there are no values"),
        (numpy.array([1j]), "real: values must be real numbers, got complex128"),
    ],
)
def test_bad_data_is_one_sentence(data, message):
    with pytest.raises(ValueError, match=message):
        as_table(data, name="real")


def test_missing_is_one_of_two_words():
    with pytest.raises(ValueError, match="`missing` must be one of 'error', 'drop', got 'ignore'"):
        as_table([1.0], missing="ignore")
