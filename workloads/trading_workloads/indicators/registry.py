"""The steps behind the functions of rules, by their names in `rules.functions`.

A factory gets the number of symbols and the call's windows and lags, and returns the step of one call: a closure over
its state that takes the tick and the values of the arguments that are series.
"""

from collections.abc import Callable
from functools import reduce
from typing import Final, TypeAlias

import numpy as np

from trading_workloads.indicators.atr import AtrState, atr_step
from trading_workloads.indicators.cross import CrossState, crosses_above_step, crosses_below_step
from trading_workloads.indicators.ema import ema_state
from trading_workloads.indicators.extreme import ExtremeState, Pick, extreme_step
from trading_workloads.indicators.lag import lag_step
from trading_workloads.indicators.ring import Ring
from trading_workloads.indicators.rsi import RsiState, rsi_step
from trading_workloads.indicators.series import Series, Truth
from trading_workloads.indicators.sma import SmaState, sma_step
from trading_workloads.indicators.smoothing import smoothing_step

Step: TypeAlias = Callable[..., Series | Truth]
"""(tick, *series) -> value, each (symbols,)."""
Factory: TypeAlias = Callable[..., Step]
"""(symbols, *windows and lags) -> step."""


def _stateless(function: Callable[..., Series]) -> Factory:
    def build(_symbols: int) -> Step:
        return lambda _tick, *series: function(*series)

    return build


def _clip(x: Series, lo: Series, hi: Series) -> Series:
    return np.minimum(np.maximum(x, lo), hi)


def _largest(*series: Series) -> Series:
    return reduce(np.maximum, series)


def _smallest(*series: Series) -> Series:
    return reduce(np.minimum, series)


def _sma(symbols: int, window: int) -> Step:
    state = SmaState(symbols, window)
    return lambda tick, x: sma_step(state, x, tick.present)


def _ema(symbols: int, window: int) -> Step:
    state = ema_state(symbols, window)
    return lambda tick, x: smoothing_step(state, x, tick.present)


def _rsi(symbols: int, window: int) -> Step:
    state = RsiState(symbols, window)
    return lambda tick, x: rsi_step(state, x, tick.present)


def _atr(symbols: int, window: int) -> Step:
    state = AtrState(symbols, window)
    return lambda tick: atr_step(state, tick)


def _lag(symbols: int, bars: int) -> Step:
    state = Ring(bars, symbols, empty=np.nan)
    return lambda tick, x: lag_step(state, x, tick.present)


def _extreme(pick: Pick) -> Factory:
    def build(symbols: int, window: int) -> Step:
        state = ExtremeState(symbols, window, pick)
        return lambda tick, x: extreme_step(state, x, tick.present)

    return build


def _crosses_above(symbols: int) -> Step:
    state = CrossState(symbols)
    return lambda tick, x, y: crosses_above_step(state, x, y, tick.present)


def _crosses_below(symbols: int) -> Step:
    state = CrossState(symbols)
    return lambda tick, x, y: crosses_below_step(state, x, y, tick.present)


FACTORIES: Final[dict[str, Factory]] = {
    "abs": _stateless(np.abs),
    "atr": _atr,
    "clip": _stateless(_clip),
    "crosses_above": _crosses_above,
    "crosses_below": _crosses_below,
    "ema": _ema,
    "highest": _extreme(np.maximum),
    "lag": _lag,
    "lowest": _extreme(np.minimum),
    "max": _stateless(_largest),
    "min": _stateless(_smallest),
    "rsi": _rsi,
    "sma": _sma,
}
