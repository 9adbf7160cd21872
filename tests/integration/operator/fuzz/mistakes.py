"""Mistakes that no schema sees: rules, and the names of other objects. What the operator has to say is known."""

import random
from typing import Any, Final

from tests.integration.operator.fuzz.mutations import Mutation, Path, replaced

SOUND_RULES: Final = (
    "close > 1",
    "crosses_above(sma(close, 5), sma(close, 20))",
    "rsi(close, 14) < 30 and not (volume < 1000)",
    "close - open > atr(14) * 2 or high == low",
)
SOUND_NUMBERS: Final = ("close", "sma(close, 20)", "(high + low) / 2", "clip(rsi(close, 14) / 100, 0, 1)")

_MAY_BE_WRONG: Final = ("parameters", "warmup", "mode", "placement")
"""Fields in which chance may have made a mistake that the operator tells first."""
_RULES: Final[Path] = ("logic", "rules")

BROKEN_RULES: Final = (
    "close >",
    "close > 1)",
    "((close > 1)",
    "close > > 1",
    "close > 1;",
    "crosses_above(smaa(close, 20), close)",
    "zigzag(close, 3) > 1",
    "sma(close) > 1",
    "sma(close, 20, 30) > 1",
    "close > sma(close, 0)",
    "close > lag(close, -1)",
    "close > sma(close, 10 ** 9)",
    "close > nothing_has_this_name",
    "close",
    "close + 1",
    "not close",
    "(close > 1) > 1",
    "close > 9 ** 9 ** 9 ** 9",
    "close > 1e999",
    "close > " + "(" * 200 + "1" + ")" * 200,
    "close > " + "-" * 500 + "1",
    "close > " + " + ".join(["sma(close, 5)"] * 130) + " +",
    "__import__('os').system('true')",
    "close.__class__ > 1",
    "[close for close in (1,)]",
    "lambda: close",
    "close > 'text'",
    "close > True",
    "close if close else open",
    "\u202eclose > 1",
    "close \u2264 1",
    "\uff43lose > 1 \U0001f4c8",
    "close > 1\x00",
    "# close > 1",
)


OTHERS: Final[tuple[tuple[str, Path, Any, str], ...]] = (
    ("unknown name in let", (*_RULES, "let", "f"), "nothing + 1", "InvalidRules"),
    ("let of itself", (*_RULES, "let", "f"), "f + 1", "InvalidRules"),
    ("strength that is no number", (*_RULES, "strength"), "close > 1", "InvalidRules"),
    ("value above its bound", ("parameters", "p"), {"value": 9, "max": 1}, "InvalidRules"),
    ("bounds the wrong way", ("parameters", "p"), {"value": 1, "min": 3, "max": 1}, "InvalidRules"),
    ("unknown system", ("systemRef", "name"), "elsewhere", "SystemNotFound"),
    ("unknown source", ("data", "source"), "vendor", "SourceNotFound"),
    ("other timeframe", ("data", "timeframe"), "1m", "SourceNotFound"),
)
"""What is wrong, in which field, what it holds, and the reason that the operator gives."""
MISTAKES: Final = (
    *(("broken rule", (*_RULES, "enterLong"), text, "InvalidRules") for text in BROKEN_RULES),
    *OTHERS * 3,
)


def mistake(spec: dict[str, Any], chance: random.Random) -> Mutation:
    """Return a strategy that the schema allows and that cannot run."""
    sound = {name: value for name, value in spec.items() if name not in _MAY_BE_WRONG}
    sound = replaced(sound, ("logic",), {"rules": {"enterLong": SOUND_RULES[0]}})
    what, field, value, reason = chance.choice(MISTAKES)
    return Mutation(what, replaced(sound, field, value), ("spec", *field), reason)
