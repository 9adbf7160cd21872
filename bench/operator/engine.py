"""The operator as it is, with the synthetic children in place of a release's own: `python -m bench.operator.engine`."""

import asyncio
import os
import signal
from collections.abc import Sequence

from bench.operator import synthetic
from trading_operator.cluster.credentials import load_credentials
from trading_operator.cluster.watchsession import Pulse
from trading_operator.handlers.process import follow_objects
from trading_operator.logs import configure_logging
from trading_operator.operation import Blueprint, operate
from trading_operator.settings import read_settings
from trading_operator.stock import Stock

BLUEPRINT = Blueprint(kinds=synthetic.KINDS, desired_system=synthetic.desired_system)


async def run() -> None:
    """Run until SIGTERM, by the settings of the environment."""
    settings = read_settings(os.environ)
    configure_logging(settings.log_level)

    async def follow(stock: Stock, pulses: Sequence[Pulse]) -> None:
        await follow_objects(stock, pulses, load_credentials, settings.namespaces, settings.selector)

    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    await operate(settings, load_credentials(), follow, stopping, BLUEPRINT)


if __name__ == "__main__":
    asyncio.run(run())
