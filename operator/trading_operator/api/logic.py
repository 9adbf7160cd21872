"""The logic of a strategy: rules, a builtin that expands to rules, a model, or custom code."""

from typing import Annotated

from pydantic import Field

from trading_operator.api.base import ApiModel, DecimalString, Key, ObjectName
from trading_operator.api.cel import CelRule, exactly_one_of

Expression = Annotated[str, Field(min_length=1, max_length=2000)]
"""A rule expression; `docs/strategy.md` has the language."""

Symbol = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9^][A-Za-z0-9._/:=^-]{0,31}$",
        json_schema_extra={"x-expected": "a symbol of up to 32 letters, digits and ._/:=^-"},
    ),
]
"""A symbol as the data source names it."""

Identifier = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")]
"""A name inside rules."""


class Rules(ApiModel):
    """Rules as expressions. Each is evaluated at each bar close, for each symbol by itself."""

    cel_rules = (
        CelRule(
            "has(self.enterLong) || has(self.enterShort)",
            "expected at least one of enterLong, enterShort; found neither: such a strategy could never signal",
            lambda model: bool(model.enter_long or model.enter_short),
        ),
    )

    let: Annotated[dict[Identifier, Expression], Field(max_length=64)] = Field(default_factory=dict)
    """Names for expressions that the rules share."""
    enter_long: Expression | None = None
    """True on a flat symbol: EnterLong."""
    exit_long: Expression | None = None
    """True on a long symbol: ExitLong."""
    enter_short: Expression | None = None
    """True on a flat symbol: EnterShort."""
    exit_short: Expression | None = None
    """True on a short symbol: ExitShort."""
    strength: Expression | None = None
    """How strong the signal is, from -1 to 1. Absent: 1."""


class MovingAverageCross(ApiModel):
    """Long while a fast simple moving average is above a slow one."""

    cel_rules = (CelRule("self.fast < self.slow", "expected fast < slow", lambda model: model.fast < model.slow),)

    fast: Annotated[int, Field(ge=1, le=5000)] = 20
    """Bars of the fast average."""
    slow: Annotated[int, Field(ge=2, le=5000)] = 50
    """Bars of the slow average."""


class RelativeStrength(ApiModel):
    """Buys oversold symbols and leaves when they are overbought, by Wilder's relative strength index."""

    period: Annotated[int, Field(ge=2, le=5000)] = 14
    """Bars of the index."""
    oversold: Annotated[int, Field(ge=1, le=99)] = 30
    """Enter when the index crosses above this."""
    overbought: Annotated[int, Field(ge=1, le=99)] = 70
    """Leave when the index crosses below this."""


class Momentum(ApiModel):
    """Holds the symbols that rose most over a lookback."""

    lookback: Annotated[int, Field(ge=1, le=5000)] = 126
    """Bars over which the return is measured."""
    top: Annotated[int, Field(ge=1, le=1000)] = 3
    """How many symbols are held."""


class MeanReversion(ApiModel):
    """Buys symbols far below their mean and leaves at the mean."""

    period: Annotated[int, Field(ge=2, le=5000)] = 20
    """Bars of the mean and the deviation."""
    entry: DecimalString = "2"
    """Enter at this many deviations from the mean."""
    exit: DecimalString = "0"
    """Leave at this many deviations from the mean."""


class Breakout(ApiModel):
    """Enters on a new high over a channel and leaves on a new low."""

    entry: Annotated[int, Field(ge=1, le=5000)] = 20
    """Bars of the entry channel."""
    exit: Annotated[int, Field(ge=1, le=5000)] = 10
    """Bars of the exit channel."""


class Pairs(ApiModel):
    """Trades the spread of two symbols of the universe."""

    first: Symbol
    """The symbol that is bought when the spread is low."""
    second: Symbol
    """The symbol that hedges it."""
    period: Annotated[int, Field(ge=2, le=5000)] = 60
    """Bars of the hedge ratio and the deviation."""
    entry: DecimalString = "2"
    """Enter at this many deviations."""
    exit: DecimalString = "0.5"
    """Leave at this many deviations."""


class Macd(ApiModel):
    """Long while the moving average convergence divergence is above its signal line."""

    fast: Annotated[int, Field(ge=2, le=5000)] = 12
    """Bars of the fast average."""
    slow: Annotated[int, Field(ge=2, le=5000)] = 26
    """Bars of the slow average."""
    signal: Annotated[int, Field(ge=1, le=5000)] = 9
    """Bars of the signal line."""


class Builtin(ApiModel):
    """A well-known strategy by name; it expands to rules, which status shows."""

    cel_rules = (exactly_one_of("movingAverageCross", "rsi", "momentum", "meanReversion", "breakout", "pairs", "macd"),)

    moving_average_cross: MovingAverageCross | None = None
    """Fast average against slow average."""
    rsi: RelativeStrength | None = None
    """Relative strength index."""
    momentum: Momentum | None = None
    """Strongest symbols of the universe."""
    mean_reversion: MeanReversion | None = None
    """Distance from the mean."""
    breakout: Breakout | None = None
    """Channel breakout."""
    pairs: Pairs | None = None
    """Spread of two symbols."""
    macd: Macd | None = None
    """Moving average convergence divergence."""


class Model(ApiModel):
    """A trained model whose prediction is the rule."""

    name: ObjectName
    """Name in the system's model registry."""
    features: Annotated[list[Expression], Field(min_length=1, max_length=200)]
    """Inputs of the model, as rule expressions, in its order."""
    enter_above: DecimalString = "0.6"
    """Enter long when the prediction is above this."""
    exit_below: DecimalString = "0.4"
    """Leave when the prediction is below this."""


class ConfigMapKeyReference(ApiModel):
    """One key of a ConfigMap of the same namespace."""

    name: ObjectName
    """Name of the ConfigMap."""
    key: Key
    """Key inside the ConfigMap."""


class Code(ApiModel):
    """Custom code with `on_bar(state, bar)`, run in a pod of its own."""

    cel_rules = (exactly_one_of("configMapRef", "image"),)

    config_map_ref: ConfigMapKeyReference | None = None
    """Where the Python file is."""
    image: (
        Annotated[
            str,
            Field(
                pattern=r"^[a-z0-9./:_-]+@sha256:[0-9a-f]{64}$",
                json_schema_extra={"x-expected": "an image by digest, name@sha256:…"},
            ),
        ]
        | None
    ) = None
    """An image by digest that has the code."""


class Logic(ApiModel):
    """What is computed: just one of the four kinds."""

    cel_rules = (exactly_one_of("rules", "builtin", "model", "code"),)

    rules: Rules | None = None
    """Rules as expressions."""
    builtin: Builtin | None = None
    """A well-known strategy by name."""
    model: Model | None = None
    """A trained model."""
    code: Code | None = None
    """Custom code."""
