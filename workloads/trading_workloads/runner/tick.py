"""From a bar to what indicators see."""

import numpy as np

from trading_workloads.bars.bar import Bar
from trading_workloads.indicators.series import Mask, Tick


def tick_of(bar: Bar) -> tuple[Tick, Mask]:
    """Return a bar as a tick, and which symbols have it: those with a close, (symbols,) bool."""
    present = ~np.isnan(bar.close)
    everyone = bool(present.all())
    return Tick(bar.open, bar.high, bar.low, bar.close, bar.volume, None if everyone else present), present
