"""The report: one file, nothing from a network, every value escaped, pictures that say what they show."""

import base64
import html.parser
import re

import pytest

from gamedyn.claims import ClaimResult, VerifyResult
from gamedyn.reports import Picture, _html, _pictures, render_report, write_report

EVIL = '<script>alert("x")</script>&'
PIXEL = "data:image/png;base64," + base64.b64encode(b"\x89PNG").decode()


def made(id="gan.value-identity", **changes):
    fields = {
        "id": id,
        "group": "GAN theory",
        "statement": "V(D*) = -log 4 + 2 JS",
        "source": "Goodfellow et al. 2014",
        "relation": "==",
        "expected": "holds",
        "verdict": "holds",
        "predicted": -1.25,
        "measured": float("inf"),
        "tolerance": 1e-15,
        "tolerance_source": "rounding",
        "violation": 0.0,
        "control": "refuted",
        "case": 0,
        "seconds": 0.1,
    }
    return ClaimResult(**(fields | changes))


def result(*rows, **changes):
    options = {"seed": 3, "cases": 1, "full": False, "seconds": 1.25, "versions": {"gamedyn": "9.9"}} | changes
    return VerifyResult(tuple(rows), **options)


class Reader(html.parser.HTMLParser):
    """Collects tags, and complains about any that is left open."""

    VOID = ("meta", "img", "br", "link")

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.text = [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def test_rows_say_what_was_found():
    text = " ".join(Reader(render_report(result(made(), made("gan.b", verdict="refuted")), ())).text)
    for word in (
        "gan.value-identity",
        "V(D*) = -log 4 + 2 JS",
        "−1.25",
        "∞",
        "1.0e−15",
        "refuted",
        "seed 3",
        "gamedyn 9.9",
    ):
        assert word in text


@pytest.mark.parametrize(("relation", "sign"), [("==", "="), ("<=", "≥"), (">=", "≤")])
def test_the_sign_reads_from_predicted_to_measured(relation, sign):
    text = [part.strip() for part in Reader(render_report(result(made(relation=relation)), ())).text]
    assert text[text.index("−1.25") + 1 :][:2] == [sign, "∞"]


def test_everything_is_escaped():
    row = made(id=EVIL, group=EVIL, statement=EVIL, source=EVIL, tolerance_source=EVIL, reason=EVIL, verdict="fails")
    page = Reader(render_report(result(row, versions={EVIL: EVIL}), (Picture(EVIL, EVIL, EVIL, PIXEL),)))
    assert "script" not in {tag for tag, _ in page.tags}
    assert "".join(page.text).count(EVIL) >= 8
    assert any(attributes.get("alt") == EVIL for _, attributes in page.tags)


def test_a_failure_says_how_to_run_it_again():
    assert "off by 3. Again: gamedyn verify gan.b --seed 3" in render_report(
        result(made("gan.b", verdict="fails", reason="off by 3.")), ()
    )


def test_missing_pictures_are_explained():
    assert "Pictures need matplotlib" in render_report(result(made()), "Pictures need matplotlib: install it.")


def test_nothing_is_fetched():
    text = render_report(result(made()), (Picture("t", "c", "a", PIXEL),))
    assert not re.search(r"https?://|//[a-z]|@import|url\(", text)
    for tag, attributes in Reader(text).tags:
        assert tag not in ("script", "link", "iframe", "object")
        for name in ("src", "href"):
            assert attributes.get(name, "#").startswith(("data:", "#"))


def test_links_within_the_page_arrive():
    page = Reader(render_report(result(made(), made("ot.x", group="Games and dynamics")), ()))
    ids = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    assert {attributes["href"][1:] for _, attributes in page.tags if "href" in attributes} <= ids


def test_the_written_file_has_the_pictures(tmp_path, monkeypatch):
    whole, path = _pictures.compare_rules, tmp_path / "report.html"

    def shorter(games, rules, **options):
        return whole(games, rules, **{**options, "starts": 2, "steps": 60})

    monkeypatch.setattr(_pictures, "compare_rules", shorter)
    write_report(result(made()), path)
    page = Reader(path.read_text(encoding="utf-8"))
    pictures = [attributes for tag, attributes in page.tags if tag == "img"]
    assert len(pictures) >= 6
    for picture in pictures:
        assert len(picture["alt"]) > 30
        header, _, body = picture["src"].partition(",")
        assert header == "data:image/png;base64"
        assert base64.b64decode(body, validate=True).startswith(b"\x89PNG")
    assert len(path.read_bytes()) < 3e6


def test_an_existing_file_is_refused_before_drawing(tmp_path, monkeypatch):
    monkeypatch.setattr(_html, "draw_pictures", lambda seed: pytest.fail("drew in vain"))
    (tmp_path / "report.html").write_text("mine")
    with pytest.raises(FileExistsError):
        write_report(result(made()), tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text() == "mine"


def test_without_matplotlib_the_table_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(_pictures.importlib.util, "find_spec", lambda name: None)
    write_report(result(made()), tmp_path / "report.html")
    assert "pip install" in (tmp_path / "report.html").read_text()
