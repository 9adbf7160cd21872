"""Children made as they should be: compared first, then applied, and pruned; nothing that is not ours is touched."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from trading_operator import labels, reasons
from trading_operator.api.base import API_VERSION
from trading_operator.capabilities import Capabilities
from trading_operator.change import REPLICAS, Change, Owner, change_of, check_is_ours, is_frozen, is_ours, is_prunable
from trading_operator.childcache import ChildCache
from trading_operator.cluster.client import Client
from trading_operator.cluster.recorder import Recorder
from trading_operator.comparison import differences
from trading_operator.concessions import Concessions
from trading_operator.desired.replicas import fixed_by
from trading_operator.errors import ConflictError, NotFoundError, OwnerGoneError, RejectedError, UserError
from trading_operator.kinds import BY_KIND, PODS_MAKERS, SECRET, WITH_DATA, Kind
from trading_operator.metrics import Metrics
from trading_operator.observed import (
    ChildKey,
    Document,
    ObjectKey,
    child_key,
    is_going,
    kind_of,
    trim_child,
    uid_of,
)
from trading_operator.ownership import claimed
from trading_operator.surplus import surplus_of

log = logging.getLogger(__name__)

_AT_ONCE: Final = 16
_PATHS_TOLD: Final = 5


@dataclass(slots=True)
class Outcome:
    """What a pass did to the children: how many writes, and what could not be written by whose fault."""

    writes: int = 0
    refusals: list[UserError] = field(default_factory=list)
    unserved: set[Kind] = field(default_factory=set)
    """Kinds of children that were left out, because the API server does not serve them."""


class Rejection(NamedTuple):
    """What was refused: this manifest, over this object, which may be none. Either being another, it is tried again."""

    hashed: str
    uid: str
    message: str


@dataclass(slots=True)
class Writer:
    """Writes children, knowing what the watch saw."""

    client: Client
    cache: ChildCache
    capabilities: Capabilities
    recorder: Recorder
    metrics: Metrics
    _rejected: dict[ChildKey, Rejection] = field(default_factory=dict)
    _concessions: Concessions = field(default_factory=Concessions)
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    async def apply(self, owner: Owner, manifests: Sequence[Document]) -> Outcome:
        """Make children be as desired. What pods mount is written before what makes the pods."""
        outcome = Outcome(unserved={kind for kind in map(kind_of, manifests) if not self.capabilities.serves(kind)})
        wrong = [
            manifest
            for manifest in manifests
            if kind_of(manifest) not in outcome.unserved and not self._is_right(owner, manifest)
        ]
        pods_makers = [manifest for manifest in wrong if kind_of(manifest) in PODS_MAKERS]
        others = [manifest for manifest in wrong if kind_of(manifest) not in PODS_MAKERS]
        for wave in (others, pods_makers):
            answers = await asyncio.gather(
                *(self._apply_one(owner, manifest, outcome) for manifest in wave), return_exceptions=True
            )
            _raise_first(answers)
        return outcome

    async def prune(self, owner: Owner, wanted: set[ChildKey]) -> int:
        """Delete children of this very object that nothing asks for; what has data goes only when it is annotated."""
        removed = 0
        for key, found in self.cache.children_of(owner.key).items():
            if key in wanted or not is_prunable(owner, found):
                continue
            if key.kind in WITH_DATA and found["metadata"]["annotations"].get(labels.ALLOW_PRUNE) != "true":
                kept = f'{key.kind.kind} {key.name} has data and is kept; annotate it {labels.ALLOW_PRUNE}: "true"'
                self.recorder.tell(owner.key, owner.uid, reasons.PRUNE_WITHHELD, kept)
                continue
            await self._delete(owner, key, uid_of(found))
            removed += 1
        return removed

    async def owner_is_there(self, key: ObjectKey, uid: str) -> bool:
        """Ask the API server whether one of our own objects still is the one that was seen."""
        found = await self.client.find_metadata(BY_KIND[API_VERSION, key.kind], key.namespace, key.name)
        return found is not None and uid_of(found) == uid

    def forget_rejections(self) -> None:
        """Let what was refused be tried once more, and what was conceded once there is news of the child."""
        self._rejected.clear()
        self._concessions.withdraw()

    def _is_right(self, owner: Owner, manifest: Document) -> bool:
        """Tell whether a child is as it should be; one that is known to be is not compared again."""
        key = child_key(manifest)
        if not self.cache.is_settled(key, _hash_of(manifest)):
            found = self.cache.get(key)
            if found is None or not is_ours(owner, found) or self._is_other(manifest, found):
                return False
            self.cache.settle(key, _hash_of(manifest))
        self._rejected.pop(key, None)
        return True

    async def _apply_one(self, owner: Owner, manifest: Document, outcome: Outcome) -> None:
        key = child_key(manifest)
        found = self.cache.get(key)
        hashed, uid = _hash_of(manifest), uid_of(found) if found else ""
        if (refused := self._rejected.get(key)) and (refused.hashed, refused.uid) == (hashed, uid):
            outcome.refusals.append(UserError(reasons.CHILD_REJECTED, refused.message))
            return
        try:
            async with self._slots:
                outcome.writes += await self._make_so(owner, key, manifest)
            self._rejected.pop(key, None)
        except UserError as error:
            outcome.refusals.append(error)
        except RejectedError as error:
            message = f"{key.kind.kind} {key.name} is refused by the API server: {error.message}"
            self._rejected[key] = Rejection(hashed, uid, message)
            outcome.refusals.append(UserError(reasons.CHILD_REJECTED, message))

    async def _make_so(self, owner: Owner, key: ChildKey, manifest: Document) -> int:
        """Bring one child to what it should be; return the number of writes."""
        found = self.cache.get(key)
        if found is None:
            return await self._create(owner, key, manifest)
        check_is_ours(owner, key, found)
        if is_frozen(manifest, found):
            return await self._make_anew(owner, key, manifest, found)
        writes = 0
        change = change_of(manifest, found)
        if change and not self._concessions.cover(key, _hash_of(manifest), change.paths):
            writes = await self._put_right(owner, key, change)
            found = self.cache.get(key)
        return writes + await self._take_away(owner, key, manifest, found) if found else writes

    async def _make_anew(self, owner: Owner, key: ChildKey, manifest: Document, found: Document) -> int:
        """Put a like in the place of a child that nobody can change any more; return the number of writes."""
        if is_going(found):
            return 0  # somebody holds it; when it is gone it is missing
        with suppress(NotFoundError):
            await self.client.delete(key.kind, key.namespace, key.name, uid_of(found))
        self._tell_drift(owner, key, ["immutable"])
        with suppress(ConflictError):  # as above
            self._keep(await self.client.create(key.kind, manifest))
        return 2

    async def _take_away(self, owner: Owner, key: ChildKey, manifest: Document, found: Document) -> int:
        """Remove what somebody added; return the number of writes."""
        surplus = surplus_of(manifest, found)
        if self._concessions.cover(key, _hash_of(manifest), surplus.paths):
            return 0
        try:
            answer = await self.client.merge(key.kind, key.namespace, key.name, surplus.patch)
            self._keep(answer)
            left = surplus_of(manifest, answer).paths
        except RejectedError:
            left = surplus.paths
        self._concede(owner, key, manifest, left)
        self._tell_drift(owner, key, surplus.paths, left)
        return 1

    def _concede(self, owner: Owner, key: ChildKey, manifest: Document, paths: list[str]) -> None:
        if paths:
            self._concessions.make(key, _hash_of(manifest), paths)
            told = f"{key.kind.kind} {key.name}: the API server or a webhook of it insists on {_told(paths)}"
            self.recorder.tell(owner.key, owner.uid, reasons.OVERRULED, f"{told}; left as it is", "Warning")

    async def _put_right(self, owner: Owner, key: ChildKey, change: Change) -> int:
        """Write a child that exists. Its fields are ours, because it is; who held them is told."""
        try:
            answer = await self.client.apply(key.kind, change.kept, force=not change.is_ours)
        except ConflictError as error:
            answer = await self._take_back(owner, key, change, error)
        seen = self._keep(answer)
        overruled = change_of(change.manifest, seen)
        left = overruled.paths if overruled else []
        self._concede(owner, key, change.manifest, left)
        if not change.is_ours:
            self._tell_drift(owner, key, change.paths, left)
        if change.rivals:
            self._tell_rivals(owner, key, change)
        return 1 + await self._claim(key, answer) if change.is_adoption else 1

    async def _take_back(self, owner: Owner, key: ChildKey, change: Change, error: ConflictError) -> Document:
        """Write over another manager, except what an autoscaler has taken over."""
        insisted = change.without_what_was_taken(error.fields)
        if insisted is change.kept or set(error.fields) != {REPLICAS}:
            self.metrics.apply_conflicts.inc()
            told = f"{key.kind.kind} {key.name}: fields of ours were held by another manager and are taken back"
            self.recorder.tell(owner.key, owner.uid, reasons.FIELD_CONFLICT, f"{told}: {error.message}", "Warning")
        return await self.client.apply(key.kind, insisted, force=True)

    async def _claim(self, key: ChildKey, answer: Document) -> int:
        """Make what we set be held by us alone, so that it goes when we stop setting it; count the writes."""
        managed_fields = claimed(answer["metadata"].get("managedFields") or [])
        if managed_fields is None:
            return 0
        try:
            self._keep(await self.client.replace_managers(key.kind, answer, managed_fields))
        except RejectedError:
            log.info("fields not claimed: the child changed meanwhile", extra={"child": str(key)})
        return 1

    async def _create(self, owner: Owner, key: ChildKey, manifest: Document) -> int:
        """Write a child that the watch does not see; an object that has its name is no child until it is looked at."""
        if owner.settled and not await self.owner_is_there(owner.key, owner.uid):
            raise OwnerGoneError(str(owner.key))
        try:
            self._keep(await self.client.create(key.kind, manifest))
        except ConflictError:
            return await self._adopt(owner, key, manifest)
        return 1

    async def _adopt(self, owner: Owner, key: ChildKey, manifest: Document) -> int:
        """Write a child that is there and was not seen; return the number of writes."""
        found = await self.client.find_metadata(key.kind, key.namespace, key.name)
        if found is None:
            raise NotFoundError(404, f"{key} went while it was looked at")
        check_is_ours(owner, key, found)
        if not differences({"metadata": manifest["metadata"]}, found):
            return 0  # our own write, whose answer was lost or whose event is under way
        # Seen by name and not by our label: somebody took it off. What a Secret holds stays.
        kept = {name: value for name, value in manifest.items() if name != "data" or key.kind != SECRET}
        self._keep(await self.client.apply(key.kind, kept, force=True))
        self._tell_drift(owner, key, ["metadata"])
        return 1

    async def _delete(self, owner: Owner, key: ChildKey, uid: str) -> None:
        try:
            await self.client.delete(key.kind, key.namespace, key.name, uid)
        except NotFoundError:
            return  # somebody was faster
        self.metrics.children_pruned.labels(key.kind.kind).inc()
        self.recorder.tell(owner.key, owner.uid, reasons.PRUNED, f"{key.kind.kind} {key.name} is no longer asked for")

    def _tell_drift(self, owner: Owner, key: ChildKey, paths: list[str], left: Sequence[str] = ()) -> None:
        """Say what was put back: all these paths but those that had to be left."""
        if not (mended := [path for path in paths if path not in left]):
            return
        self.metrics.drift_corrections.labels(key.kind.kind).inc()
        told = _told(mended)
        log.info("drift corrected", extra={"object": str(owner.key), "child": str(key), "paths": told})
        self.recorder.tell(
            owner.key, owner.uid, reasons.DRIFT_CORRECTED, f"{key.kind.kind} {key.name}: put back {told}", "Warning"
        )

    def _tell_rivals(self, owner: Owner, key: ChildKey, change: Change) -> None:
        """Say why a number of pods does not stay as somebody wants it; which number is left out, to say it once."""
        told = f"{key.kind.kind} {key.name}: replicas are fixed by {fixed_by(change.manifest)}"
        wrote = (
            f"{told} of {owner.key.kind} {owner.key.name} and put back whenever {', '.join(change.rivals)} writes them"
        )
        advice = "change them there, and remove the HorizontalPodAutoscaler if one was made"
        self.metrics.apply_conflicts.inc()
        self.recorder.tell(owner.key, owner.uid, reasons.FIELD_CONFLICT, f"{wrote}: {advice}", "Warning")

    def _is_other(self, manifest: Document, found: Document) -> bool:
        """Tell whether a child is other than it should be."""
        if is_frozen(manifest, found):
            return True
        change, added = change_of(manifest, found), surplus_of(manifest, found).paths
        paths = [*change.paths, *added] if change else added
        return not self._concessions.cover(child_key(manifest), _hash_of(manifest), paths)

    def _keep(self, answer: Document) -> Document:
        """Take an answer into the cache; return it as it is kept there."""
        child = trim_child(answer)
        self.cache.put(child)
        return child


def _hash_of(manifest: Document) -> str:
    return str(manifest["metadata"]["annotations"][labels.APPLIED])


def _told(paths: Sequence[str]) -> str:
    return ", ".join(paths[:_PATHS_TOLD]) + (" and more" if len(paths) > _PATHS_TOLD else "")


def _raise_first(answers: Sequence[object]) -> None:
    """Raise the first error only after every child was tried: one sick child must not hold up the others."""
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
