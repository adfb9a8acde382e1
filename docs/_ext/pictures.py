"""The pictures of the tutorials, drawn when the site is built, by the very code that the page shows."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any


def draw(app: Any, config: Any) -> None:
    """Run the pages that save a figure in tutorials/pictures, where they refer to it, unless it is newer than they."""
    folder = Path(app.srcdir) / "tutorials" / "pictures"
    folder.mkdir(exist_ok=True)
    # The same runner as the tests': a page whose code is wrong does not build.
    sys.path.insert(0, str(Path(app.srcdir).parent))
    from tests.house.code_blocks import python_problems

    for page in sorted(folder.parent.glob("*.md")):
        text = page.read_text(encoding="utf-8")
        names = [line.split('"')[-2] for line in text.splitlines() if "save_figure(" in line and '"' in line]
        stale = [n for n in names if not (folder / n).exists() or (folder / n).stat().st_mtime < page.stat().st_mtime]
        if not stale:
            continue
        for name in names:
            (folder / name).unlink(missing_ok=True)
        here = Path.cwd()
        os.chdir(folder)
        try:
            found = list(python_problems(text))
        finally:
            os.chdir(here)
        if found:
            from sphinx.errors import ExtensionError

            raise ExtensionError(f"{page}: {found[0]}")


def setup(app: Any) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.connect("config-inited", draw)
    return {"parallel_read_safe": True}
