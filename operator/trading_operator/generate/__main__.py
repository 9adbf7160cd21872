"""`python -m trading_operator.generate [--check]`: write what is generated, or fail when it is stale."""

import argparse
import sys
from pathlib import Path

from trading_operator.generate.files import generated_files


def main() -> int:
    """Write every generated file below the current folder, or with `--check` only compare; 1 when one is stale."""
    parser = argparse.ArgumentParser(prog="python -m trading_operator.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is not as it would be")
    check = parser.parse_args().check
    stale = [path for path, text in generated_files().items() if _read(path) != text]
    for path in stale:
        if check:
            sys.stderr.write(f"{path} is not what the models generate; run `make generate` and commit it\n")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(generated_files()[path], encoding="utf-8")
            sys.stdout.write(f"wrote {path}\n")
    return 1 if check and stale else 0


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


if __name__ == "__main__":
    sys.exit(main())
