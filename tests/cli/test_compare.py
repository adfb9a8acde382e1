"""gamedyn compare: two sample files, figures with sentences, JSON, a picture, and one line per error."""

import json

import numpy
import pytest

from gamedyn.cli import main


@pytest.fixture
def files(tmp_path, rng):
    """Two CSV files of 60 rows with columns a and b, the second shifted in b."""
    x, y = rng.standard_normal((60, 2)), rng.standard_normal((60, 2)) + numpy.array([0.0, 2.0])
    paths = [tmp_path / "real.csv", tmp_path / "fake.csv"]
    for path, values in zip(paths, (x, y), strict=True):
        numpy.savetxt(path, values, delimiter=",", header="a,b", comments="")
    return [str(path) for path in paths]


def test_every_figure_has_its_sentence(files, capsys):
    assert main(["compare", *files]) == 0
    out = capsys.readouterr().out
    for title in ("KL(A || B)", "KL(B || A)", "JS(A, B)", "GAN value", "W1 of a", "W1 of b", "sliced W1", "energy"):
        assert title in out
    assert "A  real.csv  60 rows, 2 columns" in out
    assert "note: Nearest neighbours, sliced W1 and the energy distance weigh the columns by their units" in out
    assert "the samples differ" in out
    blocks = [block for block in out.split("\n\n")[1:] if block.strip()]
    assert len(blocks) == 12
    assert all(block.count("\n") >= 1 and block.rstrip().endswith(".") for block in blocks)


def test_json_is_one_document_with_unrounded_numbers(files, capsys):
    assert main(["compare", *files, "--json", "--columns", "b", "--seed", "3", "--standardize", "pooled"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "gamedyn.compare/1"
    assert (document["columns"], document["labels"], document["seed"]) == (["b"], ["real.csv", "fake.csv"], 3)
    names = [figure["name"] for figure in document["figures"]]
    assert names == [*["kl_a_b", "kl_b_a", "js"] * 2, *["gan_value"] * 2, "w1[b]", "sliced_w1", "energy_distance"]
    for figure in document["figures"]:
        assert {"name", "value", "standard_error", "interval", "method"} <= set(figure)
    (w1,) = [figure for figure in document["figures"] if figure["name"] == "w1[b]"]
    x, y = (numpy.loadtxt(path, delimiter=",", skiprows=1)[:, 1] for path in files)
    expected = numpy.abs(numpy.sort(x) - numpy.sort(y)).mean() / numpy.concatenate([x, y]).std()
    assert w1["value"] == pytest.approx(expected, rel=1e-12, abs=0.0)


def test_same_seed_same_output(files, capsys):
    outputs = []
    for _ in range(2):
        main(["compare", *files, "--max-rows", "40"])
        outputs.append(capsys.readouterr().out)
    assert outputs[0] == outputs[1]
    assert "note: 40 of 60 rows of real.csv are used, drawn at random (max_rows)." in outputs[0]


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_picture_is_written_and_not_over_another(files, tmp_path, capsys, suffix):
    pytest.importorskip("matplotlib")
    picture = tmp_path / f"p.{suffix}"
    assert main(["compare", *files, "--plot", str(picture)]) == 0
    content = picture.read_bytes()
    assert content.startswith(b"\x89PNG" if suffix == "png" else b"<?xml")
    capsys.readouterr()
    assert main(["compare", *files, "--plot", str(picture)]) == 2
    assert f"{picture} is there already. Choose another name, or add --force." in capsys.readouterr().err
    assert main(["compare", *files, "--plot", str(picture), "--force", "--columns", "a"]) == 0
    assert picture.read_bytes() != content


def test_many_columns_print_the_most_telling(tmp_path, rng, capsys):
    x, y = rng.standard_normal((30, 12)), rng.standard_normal((30, 12))
    y[:, 11] += 5
    for name, values in (("x.npy", x), ("y.npy", y)):
        numpy.save(tmp_path / name, values)
    assert main(["compare", str(tmp_path / "x.npy"), str(tmp_path / "y.npy")]) == 0
    out = capsys.readouterr().out
    assert "W1 of column 11" in out
    assert out.count("W1 of column") == 8
    assert "4 columns with smaller W1" in out


def test_archives_take_a_key_and_two_formats_mix(files, tmp_path, capsys):
    archive = tmp_path / "y.npz"
    numpy.savez(archive, one=numpy.zeros(3), two=numpy.loadtxt(files[1], delimiter=",", skiprows=1))
    assert main(["compare", files[0], str(archive), "--key", "two", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["columns"] == ["a", "b"]


BAD = [
    ({}, ["{a}", "absent.csv"], "absent.csv: No such file or directory."),
    ({"bad.csv": "a,b\n1,2\n3\n"}, ["{a}", "{bad.csv}"], "row 3 has 1 cells"),
    ({"bad.csv": "a,b\n1,2\n3,x\n"}, ["{a}", "{bad.csv}"], "row 3, column 'b': 'x' is not a number."),
    ({"bad.csv": "a,b\n1,2\n3,\n"}, ["{a}", "{bad.csv}"], "row 3, column 'b': the value is missing."),
    ({"bad.csv": "a\n1\n2\n"}, ["{a}", "{bad.csv}"], "got 2 in real.csv and 1 in bad.csv. Choose with `columns`."),
    ({"bad.csv": "a,b\n1,2\n"}, ["{a}", "{bad.csv}"], "bad.csv: a comparison takes at least 20 rows, got 1."),
    ({"bad.txt": "1 2"}, ["{a}", "{bad.txt}"], ".npy, .npz, .csv and .tsv files, got .txt."),
    ({}, ["{a}", "{b}", "--columns", "aa"], "there is no column 'aa'. Did you mean 'a'?"),
    ({}, ["{a}", "{b}", "--plot", "p.jpg"], "`--plot` must end in .png, .svg or .pdf, got 'p.jpg'."),
    ({}, ["{a}", "{b}", "--plot", "no/such/p.png"], "the folder no/such is not there."),
    ({}, ["{a}", "{b}", "--max-rows", "3"], "`max_rows` must be at least 20, got 3."),
    ({}, ["{a}", "{b}", "--seed", "-1"], "`--seed` must be at least 0, got -1."),
    ({}, ["{a}", "{b}", "--standardize", "each"], "invalid choice: 'each'"),
    ({}, ["{a}"], "the following arguments are required: B"),
]


@pytest.mark.parametrize(("extra", "argv", "message"), BAD)
def test_bad_input_is_one_line_and_code_2_and_nothing_written(
    files, tmp_path, capsys, monkeypatch, extra, argv, message
):
    monkeypatch.chdir(tmp_path)
    for name, text in extra.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    before = sorted(tmp_path.iterdir())
    places = {"{a}": files[0], "{b}": files[1], **{f"{{{name}}}": str(tmp_path / name) for name in extra}}
    plot = [] if "--plot" in argv else ["--plot", "p.png"]
    assert main(["compare", *(places.get(word, word) for word in argv), *plot]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before


def test_constant_columns_are_one_line(tmp_path, capsys):
    for name in ("x.csv", "y.csv"):
        (tmp_path / name).write_text("1\n" * 30, encoding="utf-8")
    assert main(["compare", str(tmp_path / "x.csv"), str(tmp_path / "y.csv")]) == 2
    assert "every column is constant, with one value in both samples." in capsys.readouterr().err
