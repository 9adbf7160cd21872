"""What the commands on files cannot go on with.

InputError
└── DocumentError   a Strategy document that does not fit the schema, or whose rules are wrong
"""

from collections.abc import Sequence


class InputError(Exception):
    """Input that cannot be used; the message says which file, what was found and what was expected."""


class DocumentError(InputError):
    """Mistakes in one Strategy document, each with its place and what was expected."""

    def __init__(self, owner: str, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(f"{owner}: {mistake}" for mistake in mistakes))
        self.mistakes = tuple(mistakes)
