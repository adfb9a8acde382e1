"""The code of README, CONTRIBUTING and the documentation runs and prints what it says."""

import pytest

from tests.house.code_blocks import problems
from tests.house.source import ROOT, tracked

PAGES = sorted(str(path) for path in tracked() if path.suffix == ".md")


@pytest.mark.parametrize("page", PAGES)
def test_the_code_of_a_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert not list(problems((ROOT / page).read_text(encoding="utf-8"), tmp_path))


def test_pages_are_found():
    assert {"README.md"} <= set(PAGES)


@pytest.mark.parametrize(
    "text",
    [
        "```python\n>>> 1 + 1\n2\n```\n\n```python\nx = 3\n```\n```python\n>>> x\n3\n```\n",
        "```console\n$ echo a b\na b\n$ echo took 3.1 s\ntook 9.9 s\n```\n",
        "```console\n$ echo a \\\n  b\na b\n```\n",
        "```python\n# mine.py\nprint(2)\n```\n```console\n$ python mine.py\n2\n```\n",
        "```sh\nmake test\n```\n```text\nanything\n```\n",
        "```console\n$ python -c 'import gamedyn'\n$ gamedyn --version\ngamedyn ...\n```\n",
    ],
)
def test_right_blocks_pass(text, tmp_path):
    assert list(problems(text, tmp_path)) == []


@pytest.mark.parametrize(
    "text",
    [
        "```python\n>>> 1 + 1\n3\n```\n",
        "```python\nundefined\n```\n",
        "```python\nx = 1\n```\n```python\n>>> x\n2\n```\n",
        "```console\n$ echo 1\n2\n```\n",
        "```console\n$ false\n```\n",
        "```console\n$ gamedyn no-such-command\n```\n",
        "```sh\ngamedyn verify\n```\n",
        "```pyhton\n1\n```\n",
    ],
)
def test_wrong_blocks_are_seen(text, tmp_path):
    assert len(list(problems(text, tmp_path))) == 1
