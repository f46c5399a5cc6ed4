"""Measure and print one table; ends with 1 when a bar is missed."""

import importlib
import sys
import time
from pathlib import Path

WIDTHS = (58, 22, 34)


def main(wanted: list[str]) -> int:
    files = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))
    modules = {name: importlib.import_module(f"bench.{name}") for name in files}
    measuring = {name: module for name, module in modules.items() if hasattr(module, "measure")}
    if unknown := [name for name in wanted if name not in measuring]:
        print(f"No such measurement: {', '.join(unknown)}. There are: {', '.join(measuring)}.")
        return 2
    rows = []
    for name in wanted or measuring:
        started = time.monotonic()
        print(f"measuring {name} ...", flush=True)
        rows += measuring[name].measure()
        print(f"measuring {name} took {time.monotonic() - started:.0f} s", flush=True)
    print()
    for cells in (("what", "bar", "measured", "verdict"), *rows):
        *texts, held = cells
        verdict = held if isinstance(held, str) else ("held" if held else "MISSED")
        print(
            "  ".join(f"{text:<{width}}" for text, width in zip(texts, WIDTHS, strict=True)),
            verdict,
        )
    return 0 if rows and all(row[-1] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
