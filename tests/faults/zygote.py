"""A parent that has the operator's modules loaded and forks operators, so that one starts in tens of milliseconds.

Only imports are shared. What a child runs is `trading_operator.__main__` with an environment and a folder of its own,
as `python -m trading_operator run` would. Orders come in as lines of JSON; each is answered with the child's pid.
"""

import gc
import json
import os
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

# The official client reads KUBECONFIG once, when it is imported: relative, it is a file of each child's own folder.
KUBECONFIG: Final = "kubeconfig"
LOG: Final = "log"


def main() -> None:
    """Fork until the orders end; whoever still runs then ends too."""
    os.environ["KUBECONFIG"] = KUBECONFIG
    _load_operator()
    if threading.active_count() != 1:
        raise RuntimeError("a fork would lose threads that importing the operator has started")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children: the kernel buries them
    gc.freeze()
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _become_operator(json.loads(line))
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
    os.killpg(0, signal.SIGKILL)


def _load_operator() -> None:
    import trading_operator.__main__  # noqa: PLC0415 - after KUBECONFIG is set
    import trading_operator.cluster.credentials  # noqa: PLC0415 - the same
    import trading_operator.handlers.process  # noqa: PLC0415 - the same
    import trading_operator.operation  # noqa: F401, PLC0415 - imported to be there for the children


def _become_operator(order: Mapping[str, Any]) -> None:
    """Run the operator in the child that this is, and never return."""
    from trading_operator.__main__ import main as run_operator  # noqa: PLC0415 - loaded already

    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        folder = Path(order["folder"])
        os.chdir(folder)
        log = os.open(folder / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.environ.update(order["environment"])
        code = run_operator(["run"])
    except BaseException:  # noqa: BLE001 - as the interpreter does at the end of a program: say it and end
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
