"""Objects that are gone, so that late news does not bring them back."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from trading_operator.observed import Document, uid_of, version_of

_KNOWN: Final = 10_000


@dataclass(slots=True)
class Departed:
    """Objects that are gone, and since which version.

    The answer to a write, or a page of a listing, may arrive after the news that the object is gone; it must not bring
    it back. A newer version may: whoever loses a label leaves the watch, and comes back when it is put on again.
    """

    _versions: OrderedDict[str, int] = field(default_factory=OrderedDict)

    def add(self, document: Document, version: int = 0) -> None:
        """Remember that an object is gone; `version` is when, if it is later than the document's own."""
        self._versions[uid_of(document)] = max(version, version_of(document))
        if len(self._versions) > _KNOWN:
            self._versions.popitem(last=False)

    def precludes(self, document: Document) -> bool:
        """Tell whether a document is of an object from before it was gone."""
        return version_of(document) <= self._versions.get(uid_of(document), -1)
