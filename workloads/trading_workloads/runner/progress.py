"""One strategy's way along its bars: the kernel rebuilt up to the checkpoint, then live, bar by bar."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

from trading_workloads.bars.entry import BarColumns
from trading_workloads.contract import TradingState
from trading_workloads.runner.checkpoint import Checkpoint
from trading_workloads.runner.commit import Commit, Signal
from trading_workloads.runner.kernel import Kernel
from trading_workloads.runner.positions import encode_positions, restore_positions
from trading_workloads.runner.record import RecordWriter
from trading_workloads.runner.specification import Specification
from trading_workloads.runner.universe import UniverseView

Permission = Literal["Everything", "ExitsOnly", "Nothing"]
"""Which signals may be written."""

_PERMISSION_OF: Final[dict[TradingState, Permission]] = {
    "Active": "Everything",
    "ReduceOnly": "ExitsOnly",
    "Halted": "Nothing",
}


def permission_of(trading: TradingState, state: str) -> Permission:
    """Return what a strategy in this state may write while the system is in that one."""
    return _PERMISSION_OF[trading] if state == "Running" else "Nothing"


@dataclass(slots=True)
class Progress:
    """Computes a strategy; it writes nothing itself.

    checkpoint: what stands in Redis. cursor: close of the last bar that the kernel has seen. Bars up to the
    checkpoint only rebuild the kernel; positions come from the checkpoint, so that whatever earlier runners,
    revisions and pauses decided is kept.
    """

    specification: Specification
    checkpoint: Checkpoint
    token: int
    system: str
    wall_ms: Callable[[], int]
    kernel: Kernel = field(init=False)
    anchor: int = field(init=False)
    cursor: int = field(init=False)
    _view: UniverseView = field(init=False)
    _restored: bool = False
    _signals: list[Signal] = field(default_factory=list)

    def __post_init__(self) -> None:
        resolved = self.specification.resolved
        self.kernel = Kernel(resolved, resolved.symbols)
        self._view = UniverseView(resolved.symbols)
        same = self.checkpoint.revision == self.specification.document.revision
        self.anchor = self.checkpoint.anchor if same else 0
        self.cursor = max(self.anchor - 1, 0)

    @property
    def unwritten(self) -> bool:
        """Whether the kernel has seen bars that no checkpoint has."""
        return self.cursor > self.checkpoint.bar

    def step(self, bars: BarColumns, permission: Permission, specification: Specification) -> None:
        """Let the kernel see the next bar; `specification` is the strategy as it is now, with the same logic."""
        self.anchor = self.anchor or bars.close_ms
        live = bars.close_ms > self.checkpoint.bar
        if live and not self._restored:
            restore_positions(self.kernel, self.checkpoint.positions)
            self._restored = True
        evaluate = live and permission != "Nothing"
        decisions = self.kernel.step(self._view.bar(bars), evaluate=evaluate, entries=permission == "Everything")
        self.cursor = bars.close_ms
        if decisions:
            document = specification.document
            writer = RecordWriter(self.system, document.name, document.revision, specification.spec)
            now = self.wall_ms()
            self._signals += [writer.write(decision, bars, now) for decision in decisions]

    def commit(self) -> Commit | None:
        """Return what is to be written for the bars since the checkpoint; None while there are none."""
        if not self.unwritten:
            return None
        document = self.specification.document
        positions = encode_positions(self.kernel)
        after = Checkpoint(document.revision, self.anchor, self.cursor, positions, self.token, document.uid)
        return Commit(document.name, self.checkpoint.bar, after, tuple(self._signals))

    def committed(self, checkpoint: Checkpoint) -> None:
        """Take note that a commit was written."""
        self.checkpoint = checkpoint
        self._signals.clear()
