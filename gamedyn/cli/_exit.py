"""Exit codes of the command line, and the error that a command raises for bad input."""

from __future__ import annotations

__all__ = [
    "BROKEN_PIPE",
    "BUG",
    "FAILED",
    "INTERRUPTED",
    "MISSING",
    "OK",
    "UNDECIDED",
    "USAGE",
    "MissingError",
    "UsageError",
]

OK = 0
"""All as expected; a claim that is kept as refuted is expected to be."""
FAILED = 1
"""A claim fails."""
USAGE = 2
"""Wrong usage or bad input."""
UNDECIDED = 3
"""Nothing fails, but something could not be decided."""
MISSING = 4
"""A missing extra or device."""
BUG = 70
"""An error that is ours."""
INTERRUPTED = 130
"""Stopped by the keyboard, as shells number it: 128 + SIGINT."""
BROKEN_PIPE = 141
"""The reader of stdout left early, as shells number it: 128 + SIGPIPE."""


class UsageError(Exception):
    """Wrong usage or bad input: one sentence for the user, exit code 2."""


class MissingError(Exception):
    """A device or package that was asked for is not there: one sentence, exit code 4."""
