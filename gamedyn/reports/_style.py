"""The style sheet of a report: light and dark, on paper and on a phone."""

from __future__ import annotations

__all__ = ["STYLE"]

STYLE = """
:root { color-scheme: light dark; --ink: #1c2733; --soft: #5b6b7b; --line: #d8dfe6; --page: #ffffff; --band: #f4f6f8;
  --holds: #1f7a4d; --refuted: #1d6a8c; --fails: #b3261e; --undecided: #8a6100; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e9ee; --soft: #9aa8b5; --line: #33404c; --page: #12181e;
  --band: #1a222a; --holds: #5cc48d; --refuted: #6cbbe0; --fails: #ff8a80; --undecided: #e0b45a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem 1.25rem 4rem; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; }
p { max-width: 46rem; } .soft { color: var(--soft); } code { font: .92em ui-monospace, Consolas, monospace; }
.counts { display: flex; flex-wrap: wrap; gap: .6rem; margin: 1rem 0; padding: 0; list-style: none; }
.counts li { border: 1px solid var(--line); border-radius: .5rem; padding: .4rem .9rem; background: var(--band); }
.counts b { font-size: 1.25rem; margin-right: .3rem; }
.holds { color: var(--holds); } .refuted { color: var(--refuted); }
.fails { color: var(--fails); } .undecided { color: var(--undecided); }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th { text-align: left; color: var(--soft); font-weight: 600; border-bottom: 2px solid var(--line); }
th, td { padding: .45rem .6rem; vertical-align: top; } td { border-bottom: 1px solid var(--line); }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.statement { display: block; color: var(--soft); } .verdict { font-weight: 600; white-space: nowrap; }
.reason { display: block; color: var(--fails); }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 28rem), 1fr)); gap: 1.5rem; }
figure { margin: 0; border: 1px solid var(--line); border-radius: .6rem; overflow: hidden; break-inside: avoid; }
figure img { display: block; width: 100%; height: auto; background: #fff; }
figcaption { padding: .7rem .9rem; font-size: .9rem; } figcaption b { display: block; }
nav { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; margin: 1rem 0; } a { color: var(--refuted); }
@media (min-width: 46.01rem) { table { table-layout: fixed; } th:nth-child(1) { width: 38%; }
  th:nth-child(3), th:nth-child(5) { width: 11%; } th:nth-child(4) { width: 2.2rem; } th:nth-child(7) { width: 18%; }
  th:nth-child(3), th:nth-child(5),
  th:nth-child(6) { text-align: right; } }
@media (max-width: 46rem) { thead { display: none; } tr { display: block; padding: .6rem 0;
  border-bottom: 1px solid var(--line); } td { display: block; border: 0; padding: .1rem 0; }
  td[data-label]::before { content: attr(data-label) " "; color: var(--soft); font-weight: 400; }
  td.number { display: inline-block; margin-right: .5rem; } }
@media print { :root { --ink: #000; --soft: #444; --page: #fff; --band: #fff; } body { font-size: 10pt; padding: 0; }
  tr { break-inside: avoid; } h2 { break-after: avoid; } }
"""
"""Colours keep a contrast of at least 4.5 : 1 on both pages."""
