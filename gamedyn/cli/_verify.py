"""`gamedyn verify`: checks the theorems and shows the table."""

from __future__ import annotations

import argparse

__all__ = ["HELP", "configure", "run"]

HELP = "check every theorem against an independent prediction (the main job)"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("ids", nargs="*", help="claims to run")


def run(arguments: argparse.Namespace) -> int:
    """Run the chosen claims and print their table."""
    raise NotImplementedError
