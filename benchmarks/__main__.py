"""Runs every benchmark, or those named: `python -m benchmarks [name ...]`; each prints ratios to its own baseline."""

import argparse
import importlib
import pkgutil
import sys

import benchmarks


def main() -> None:
    names = sorted(module.name for module in pkgutil.iter_modules(benchmarks.__path__) if module.name != "__main__")
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure what is promised, each beside a bare baseline in the same run.",
    )
    parser.add_argument("names", nargs="*", metavar="name", help=f"which ones (default: all): {', '.join(names)}")
    wanted = parser.parse_args().names or names
    if unknown := [name for name in wanted if name not in names]:
        parser.error(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(names)}")
    for number, name in enumerate(wanted, 1):
        print(f"[{number}/{len(wanted)}] {name}", flush=True)
        importlib.import_module(f"benchmarks.{name}").main([])
        print(flush=True)
    sys.exit(0)


if __name__ == "__main__":
    main()
