"""write_report: the claims table and its pictures as one HTML file that needs no network."""

from __future__ import annotations

import html
import os
from typing import TYPE_CHECKING

from gamedyn._files import check_writable, write_atomically
from gamedyn.reports._picture import Picture
from gamedyn.reports._pictures import draw_pictures
from gamedyn.reports._style import STYLE

if TYPE_CHECKING:
    from gamedyn.claims import ClaimResult, VerifyResult

__all__ = ["render_report", "write_report"]

_COLUMNS = ("claim", "verdict", "predicted", "", "measured", "tolerance", "source")
_COUNT_NAMES = {"holds": "hold", "refuted": "refuted as expected", "fails": "fail", "undecided": "undecided"}


def write_report(result: VerifyResult, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
    """Write what `gamedyn.verify` found as one self-contained HTML file.

    Parameters
    ----------
    result : VerifyResult
        From `gamedyn.verify`.
    path : path
        Of the file; it is there whole or not at all.
    overwrite : bool
        Whether a file that is there may be replaced.

    Raises
    ------
    FileExistsError, FileNotFoundError, IsADirectoryError
        Saying what stands in the way.
    """
    check_writable(path, overwrite=overwrite)
    page = render_report(result, draw_pictures(result.seed)).encode()
    write_atomically(path, lambda file: file.write(page))


def render_report(result: VerifyResult, pictures: tuple[Picture, ...] | str) -> str:
    """The report as a string of HTML.

    Parameters
    ----------
    result : VerifyResult
        From `gamedyn.verify`.
    pictures : tuple of Picture, or str
        From `draw_pictures`: the pictures, or one sentence on why there are none.
    """
    # The last words of the title are what a browser tab shows of several reports.
    title = f"gamedyn {result.versions.get('gamedyn', '')}: {len(result)} claims, seed {result.seed}"
    counts = "".join(
        f'<li><b class="{verdict}">{result.counts[verdict]}</b>{name}</li>' for verdict, name in _COUNT_NAMES.items()
    )
    versions = ", ".join(f"{name} {number}" for name, number in result.versions.items())
    headings = list(dict.fromkeys(row.group for row in result.rows))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)}</title>
<style>{STYLE}</style>
</head>
<body>
<h1>Theory, checked numerically</h1>
<p>Each claim is a published or derived statement. It is measured with the library on {_instances(result)} and compared
with a prediction found without the code under test. Beside each, the same experiment with something essential broken
(the negative control) had to be refuted. A claim that is false as usually stated is kept as <i>refuted</i>.</p>
<ul class="counts">{counts}</ul>
<p class="soft">Seed {result.seed}, {result.seconds:.1f} s; {html.escape(versions)}.
Again: <code>gamedyn verify{_again(result)}</code></p>
<nav>{"".join(f'<a href="#{_anchor(name)}">{html.escape(name)}</a>' for name in [*headings, "Pictures"])}</nav>
{"".join(_section(heading, result) for heading in headings)}
<h2 id="pictures">Pictures</h2>
{_gallery(pictures)}
</body>
</html>
"""


def _instances(result: VerifyResult) -> str:
    return (
        "one drawn instance" if result.cases == 1 else f"{result.cases} drawn instances, of which the worst is shown,"
    )


def _again(result: VerifyResult) -> str:
    cases = f" --cases {result.cases}" if result.cases != 1 else ""
    return f" --seed {result.seed}{cases}{' --full' if result.full else ''}"


def _anchor(heading: str) -> str:
    return "".join(character if character.isalnum() else "-" for character in heading.lower())


def _section(heading: str, result: VerifyResult) -> str:
    head = "".join(f"<th>{name}</th>" for name in _COLUMNS)
    rows = "".join(_row(row, result) for row in result.rows if row.group == heading)
    title = f'<h2 id="{_anchor(heading)}">{html.escape(heading)}</h2>'
    return f"{title}\n<table><thead><tr>{head}</tr></thead><tbody>\n{rows}</tbody></table>\n"


def _row(row: ClaimResult, result: VerifyResult) -> str:
    sign = {"==": "=", "<=": "&ge;", ">=": "&le;"}[row.relation]
    origin = html.escape(row.tolerance_source)
    again = f"{row.reason} Again: {result.reproduce(row.id)}"
    reason = f'<span class="reason">{html.escape(again)}</span>' if row.reason else ""
    return (
        f'<tr id="{html.escape(row.id)}"><td><code>{html.escape(row.id)}</code>'
        f'<span class="statement">{html.escape(row.statement)}</span>{reason}</td>'
        f'<td class="verdict {html.escape(row.verdict)}" data-label="verdict">{html.escape(row.verdict)}</td>'
        f'<td class="number" data-label="predicted">{_number(row.predicted)}</td><td class="number">{sign}</td>'
        f'<td class="number" data-label="measured">{_number(row.measured)}</td>'
        f'<td class="number" data-label="tolerance" title="{origin}">{_number(row.tolerance, ".1e")}</td>'
        f'<td data-label="source">{html.escape(row.source)}</td></tr>\n'
    )


def _number(value: float, form: str = ".6g") -> str:
    return f"{value + 0.0:{form}}".replace("inf", "&infin;").replace("-", "&minus;")


def _gallery(pictures: tuple[Picture, ...] | str) -> str:
    if isinstance(pictures, str):
        return f"<p>{html.escape(pictures)}</p>"
    figures = "".join(
        f'<figure><img src="{each.uri}" alt="{html.escape(each.alt)}"><figcaption><b>{html.escape(each.title)}</b>'
        f"{html.escape(each.caption)}</figcaption></figure>\n"
        for each in pictures
    )
    return f'<div class="pictures">\n{figures}</div>'
