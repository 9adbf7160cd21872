"""Where tables are printed."""

import sys
from typing import Final

from rich.console import Console

WIDTH_OF_FILES: Final = 160
"""Columns where the output is no terminal, so that logs are not folded at 80."""


def console() -> Console:
    """Return a console over standard output as it is now."""
    return Console(width=None if sys.stdout.isatty() else WIDTH_OF_FILES)
