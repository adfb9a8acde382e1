"""`python -m gamedyn` is the command `gamedyn`."""

from gamedyn.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    raise SystemExit(main())
