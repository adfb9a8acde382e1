"""Facts about reading samples from files."""

import io
import pickle
import struct
import zipfile

import numpy
import pytest

from gamedyn.data import read_table


@pytest.fixture
def write(tmp_path):
    def save(name, content):
        path = tmp_path / name
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8")
        elif isinstance(content, bytes):
            path.write_bytes(content)
        else:
            numpy.save(path, content)
        return path

    return save


def test_header_and_chosen_columns(write):
    path = write("a.csv", "name,height,weight\nann,1.5,50\nbob,1.75,70\n")
    table = read_table(path, columns=["weight", 1])
    assert table.names == ("weight", "height")
    numpy.testing.assert_array_equal(table.values, [[50.0, 1.5], [70.0, 1.75]])
    assert table.path == str(path)
    assert table.values.dtype == numpy.float64


@pytest.mark.parametrize(
    ("name", "text", "names"),
    [
        ("a.csv", "1,2\n3,4\n", ("0", "1")),
        ("a.csv", "1;2\n3;4\n", ("0", "1")),
        ("a.tsv", "x\ty\n1\t2\n3\t4\n", ("x", "y")),
        ("a.csv", "\ufeffx,y\r\n1,2\r\n\r\n3,4\r\n", ("x", "y")),
        ("a.csv", '"x, in cm",2020\n1,2\n3,4\n', ("x, in cm", "2020")),
        ("a.csv", "x,y\n1,2e0\n 3 ,+4", ("x", "y")),
    ],
)
def test_dialects_of_text(write, name, text, names):
    table = read_table(write(name, text))
    assert table.names == names
    numpy.testing.assert_array_equal(table.values, [[1.0, 2.0], [3.0, 4.0]])


def test_long_files_are_read_to_the_end(write):
    path = write("a.csv", "x\n" + "".join(f"{i}\n" for i in range(250)))
    numpy.testing.assert_array_equal(read_table(path).values[:, 0], numpy.arange(250.0))


def test_first_row_of_data_is_not_taken_for_a_header(write):
    # A label column has words below words; its first row is data.
    path = write("iris.csv", "5.1,3.5,setosa\n4.9,3.0,setosa\n")
    assert len(read_table(path, columns=[0, 1]).values) == 2


def test_header_over_missing_values_is_found(write):
    path = write("a.csv", "age\n\nNA\n3\n")
    table = read_table(path, missing="drop")
    assert table.names == ("age",)


def test_missing_values_are_refused_or_dropped_and_counted(write):
    path = write("a.csv", "x,y\n1,2\n,3\n4,NA\n5,6\n")
    with pytest.raises(ValueError, match=r"a\.csv: row 3, column 'x': the value is missing\. With .* 2 of 4 rows"):
        read_table(path)
    table = read_table(path, missing="drop")
    assert table.dropped == 2
    numpy.testing.assert_array_equal(table.values, [[1.0, 2.0], [5.0, 6.0]])
    # A column that is not asked for may miss what it likes.
    assert read_table(path, columns=["y"], missing="drop").dropped == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x,y\n1,2\n3\n", "row 3 has 1 cells, and the first row has 2"),
        ("x,y\n1,2\n3,4,5\n", "row 3 has 3 cells"),
        ("x,y\n1,2\n3,four\n", r"row 3, column 'y': 'four' is not a number"),
        ("1,2\n3,1_000\n", r"row 2, column '1': '1_000' is not a number"),
        ("x\n1\n\n\ninf\n", r"row 5, column 'x': values must be finite, got inf"),
        ("x,x\n1,2\n", "column names must be distinct, got 'x' more than once"),
        ("", "the file is empty"),
        ("\n\n", "the file is empty"),
        ("x,y\n", "a header and no row of numbers"),
        ("a\nb\nc\n", r"row 1, column '0': 'a' is not a number"),
        ('x,y\n1,"2\n', "row 2"),
        (b"\xff\xfe\x00", "not UTF-8 text"),
        ("x\nNA\n", r"row 2, column 'x': the value is missing"),
        ("x,y\n1,\n2,inf\n", r"row 3, column 'y': values must be finite"),
    ],
)
def test_what_is_wrong_in_text_is_said_with_its_place(write, text, message):
    path = write("bad.csv", text)
    with pytest.raises(ValueError, match=message) as caught:
        read_table(path)
    assert str(path) in str(caught.value)


def test_every_row_missing_is_an_error(write):
    with pytest.raises(ValueError, match="every one of 2 rows has a missing value"):
        read_table(write("a.csv", "x,y\n1,\n,2\n"), missing="drop")


def test_unknown_columns_offer_the_nearest(write):
    path = write("a.csv", "height,weight\n1,2\n")
    with pytest.raises(ValueError, match=r"there is no column 'hieght'\. Did you mean 'height'\?"):
        read_table(path, columns=["hieght"])
    with pytest.raises(ValueError, match=r"there is no column 2\. There are 2: height, weight"):
        read_table(path, columns=[2])
    with pytest.raises(ValueError, match="there is no column -1"):
        read_table(path, columns=[-1])
    with pytest.raises(ValueError, match="each column once"):
        read_table(path, columns=["height", 0])


@pytest.mark.parametrize("dtype", ["f8", ">f4", "i2", "u1"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_of_any_number_type(write, dtype, order):
    values = numpy.arange(6, dtype=dtype).reshape((3, 2), order=order)
    table = read_table(write("a.npy", values), columns=["1"])
    assert table.names == ("1",)
    numpy.testing.assert_array_equal(table.values[:, 0], values[:, 1])


def test_one_axis_is_one_column(write):
    assert read_table(write("a.npy", numpy.arange(4.0))).values.shape == (4, 1)


def test_structured_arrays_keep_their_names(write):
    values = numpy.array([(1, 2.0), (3, 4.0)], dtype=[("k", "i4"), ("x", "f8")])
    table = read_table(write("a.npy", values), columns=["x"])
    assert table.names == ("x",)
    numpy.testing.assert_array_equal(table.values, [[2.0], [4.0]])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (numpy.array([1j]), "values must be real numbers, got complex128"),
        (numpy.array(["a"]), "values must be real numbers, got <U1"),
        (numpy.array([True]), "values must be real numbers, got bool"),
        (numpy.zeros((2, 2, 2)), r"got \(2, 2, 2\)\. Flatten"),
        (numpy.zeros((0, 2)), r"there are no values, got shape \(0, 2\)"),
        (numpy.array([[1.0, numpy.nan]]), r"row 0, column '1': the value is missing"),
        (numpy.float64(3.0), r"must have shape \(n,\) or \(n, d\), got \(\)"),
    ],
)
def test_arrays_that_are_no_samples(write, values, message):
    with pytest.raises(ValueError, match=message):
        read_table(write("a.npy", values))


class Trap:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was executed",))


def test_pickles_are_never_executed(write, tmp_path):
    buffer = io.BytesIO()
    numpy.save(buffer, numpy.array([Trap()], dtype=object), allow_pickle=True)
    for name, content in (("bare.npy", pickle.dumps(Trap())), ("object.npy", buffer.getvalue())):
        with pytest.raises(ValueError, match=r"not a \.npy array|holds Python objects, a pickle"):
            read_table(write(name, content))
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", buffer.getvalue())
    with pytest.raises(ValueError, match=r"a\.npz, x: the array holds Python objects, a pickle"):
        read_table(tmp_path / "a.npz")


def npy(shape, data=b""):
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data


def test_headers_that_promise_too_much_allocate_nothing(write):
    with pytest.raises(ValueError, match=r"at most 4 GiB are read, got 7450580\.6 GiB"):
        read_table(write("a.npy", npy((10**15,))))
    with pytest.raises(ValueError, match="the file ends early"):
        read_table(write("b.npy", npy((1000,), b"\0" * 800)))


def test_archives_choose_by_key(tmp_path):
    path = tmp_path / "a.npz"
    numpy.savez_compressed(path, x=numpy.ones(3), y=numpy.zeros((2, 2)))
    with pytest.raises(ValueError, match=r"holds x, y\. Choose one with `key`"):
        read_table(path)
    assert read_table(path, key="y").values.shape == (2, 2)
    with pytest.raises(ValueError, match="there is no array 'z'"):
        read_table(path, key="z")
    numpy.savez(path, x=numpy.ones(3))
    assert read_table(path).values.shape == (3, 1)


def test_other_files_are_refused(write, tmp_path):
    with pytest.raises(ValueError, match=r"\.npy, \.npz, \.csv and \.tsv files, got \.xlsx"):
        read_table(tmp_path / "a.xlsx")
    with pytest.raises(ValueError, match="got no suffix"):
        read_table(tmp_path / "a")
    with pytest.raises(ValueError, match=r"not an \.npz archive"):
        read_table(write("a.npz", b"PK nonsense"))
    with pytest.raises(ValueError, match=r"`key` names an array of an \.npz file"):
        read_table(write("a.npy", numpy.ones(2)), key="x")
    with pytest.raises(FileNotFoundError):
        read_table(tmp_path / "absent.csv")
