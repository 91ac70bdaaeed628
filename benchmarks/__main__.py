"""Run benchmarks, and print one table: `python -m benchmarks`, or `python -m benchmarks upload get --rounds 3`."""

from __future__ import annotations

import argparse
import inspect
import os
import pkgutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from .measurement import RELEASED, Measurement, Run
from .plot import PLOT, draw
from .running import need_requirements
from .table import show

# The quick ones first: an error in them does not wait for the others.
BENCHMARKS = {
    "calls": "calls:measure",
    "wheel": "wheel:measure",
    "imports": "imports:measure",
    "get": "get:measure",
    "many": "many:measure",
    "upload": "single_file:upload",
    "download": "single_file:download",
    "open": "open:measure",
    "data": "data:measure",
    "transfers": "many_files:measure",
    "regeneration": "regeneration:measure",
}
RESULTS = Path(__file__).with_name("results")
_QUICK = 3


def main() -> int:
    """Run the benchmarks, write the results, and print them; return 1 if something got worse since the release."""
    names = list(BENCHMARKS)
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(names)}; by default all of them")
    parser.add_argument("--quick", action="store_true", help=f"{_QUICK} rounds at most")
    parser.add_argument(
        "--from", dest="file", type=Path, help="show the results of an earlier run, and measure nothing"
    )
    parser.add_argument("--store", action="store_true", help="store the results as those of the release, with the plot")
    sizes = parser.add_argument_group("rounds and sizes, instead of those of each benchmark")
    for size, (kind, where) in _sizes().items():
        sizes.add_argument(f"--{size}", type=kind, help=", ".join(f"{name} {value}" for name, value in where.items()))
    options = parser.parse_args()
    chosen = {size: value for size in _sizes() if (value := getattr(options, size)) is not None}
    if unknown := [name for name in options.names if name not in names]:
        parser.error(f"no benchmark is named {unknown[0]!r}; there are {', '.join(names)}")
    run = Run.load(options.file) if options.file else None
    is_full = not (options.names or options.quick or chosen)
    if run is not None:
        is_full = not run.options and {each.benchmark for each in run.measurements} == set(names)
    if options.store and not is_full:
        parser.error("--store takes a run of all benchmarks, with their own rounds and sizes")
    if run is None:
        need_requirements()
        # All servers are on this machine.
        for variable in [name for name in os.environ if name.lower().endswith("_proxy")]:
            del os.environ[variable]
        measurements = _measured(options.names or names, chosen, quick=options.quick)
        run = Run.of_today(measurements, {"rounds": _QUICK, **chosen} if options.quick else chosen)
        path = RESULTS / datetime.now(UTC).strftime("%Y-%m-%d-%H%M%S.json")
        run.save(path)
        Console(stderr=True).print(f"written: benchmarks/results/{path.name}, with a plot if there are ratios\n")
        if any(each.ratios for each in measurements):
            path.with_suffix(".svg").write_text(draw(run), "utf-8")
    released = Run.load(RELEASED) if RELEASED.exists() else None
    got_worse = show(run, released, Console())
    if options.store:
        run.save(RELEASED)
        PLOT.write_text(draw(run), "utf-8")
    return int(got_worse)


def _measured(names: list[str], chosen: dict[str, Any], *, quick: bool) -> list[Measurement]:
    console = Console(stderr=True)
    found: list[Measurement] = []
    for name in BENCHMARKS:
        if name in names:
            parameters = inspect.signature(_function(name)).parameters
            options = {size: value for size, value in chosen.items() if size in parameters}
            if quick and "rounds" in parameters:
                options.setdefault("rounds", min(_QUICK, parameters["rounds"].default))
            started_at = time.monotonic()
            console.print(f"{name} …", end=" ")
            found += _function(name)(**options)
            console.print(f"{time.monotonic() - started_at:.0f} s")
    return found


def _function(name: str) -> Callable[..., list[Measurement]]:
    function: Callable[..., list[Measurement]] = pkgutil.resolve_name(f"benchmarks.{BENCHMARKS[name]}")
    return function


def _sizes() -> dict[str, tuple[type, dict[str, Any]]]:
    """Return the type of each option, and its default for each benchmark that has it."""
    found: dict[str, tuple[type, dict[str, Any]]] = {}
    for name in BENCHMARKS:
        for size, parameter in inspect.signature(_function(name)).parameters.items():
            found.setdefault(size, (type(parameter.default), {}))[1][name] = parameter.default
    return found


if __name__ == "__main__":
    raise SystemExit(main())
