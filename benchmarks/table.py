"""The results on a terminal: one table, with what became of them since the last release."""

from __future__ import annotations

from itertools import groupby
from statistics import median

from rich.console import Console
from rich.table import Table
from rich.text import Text

from .measurement import Change, Measurement, Run

_STYLES = {"worse": "bold red", "better": "green", "same": ""}


def number(value: float) -> str:
    """Return a number with three significant digits, and integers as they are."""
    if value == round(value) or abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def spread(values: tuple[float, ...]) -> str:
    """Return the median, and the lowest and the highest in brackets."""
    if not values:
        return "cannot"
    low, middle, high = (number(value) for value in (min(values), median(values), max(values)))
    return middle if low == high else f"{middle} ({low} to {high})"


def ratio(measurement: Measurement) -> str:
    """Return the ratio with its spread, or nothing."""
    return "1" if measurement.is_reference else spread(measurement.ratios) if measurement.ratios else ""


def heading(measurement: Measurement) -> tuple[str, str, str]:
    """Return the job, the unit with the better direction, and the reference, if there is one."""
    reference = measurement.reference or ""
    if reference.startswith("httpx on "):
        reference = "httpx, same server"
    arrow = {"more": "↑", "less": "↓"}[measurement.better]
    return measurement.job, f"{measurement.unit} {arrow}", f"of {reference}" if reference else ""


def show(run: Run, released: Run | None, console: Console) -> bool:
    """Print the results; return whether something got worse since the release."""
    changes = run.changes(released)
    table = Table(title=f"hubspot-files {run.version}, {run.date}, Python {run.python}\n{run.machine}", box=None)
    table.add_column(min_width=len("  hubspot-api-client"))
    for title in ("figure", "ratio", "calls", f"in {released.version}" if released else ""):
        table.add_column(title, justify="right")
    for (job, unit, reference), group in groupby(run.measurements, heading):
        table.add_row()
        table.add_row(*(Text(cell, "bold") for cell in (job, unit, reference)))
        for each in group:
            calls = "" if each.calls is None else number(each.calls)
            since = _since(each, *changes[each.key]) if released and each.is_ours else ""
            table.add_row(f"  {each.contender}", spread(each.figures), ratio(each), calls, since)
    console.print(table)
    console.print(
        "\nThe median of the rounds, and in brackets the lowest and the highest. A ratio is that to the reference in"
        " the same round. ↑: more is better, ↓: less. calls: of the API, for the job."
    )
    if released is not None:
        _print_differences(run, released, console)
    return any(kind == "worse" for kind, _ in changes.values())


def _since(now: Measurement, kind: Change, before: Measurement | None) -> Text:
    if kind == "new" or before is None:
        # A time without a ratio depends on the machine.
        return Text("new" if before is None else "")
    middle = number(median(before.comparable))
    return Text(middle if kind == "same" else f"{middle} {kind}", _STYLES[kind])


def _print_differences(run: Run, released: Run, console: Console) -> None:
    if run.machine != released.machine:
        console.print(f"\n{released.version} was measured on another machine: {released.machine}.", highlight=False)
        console.print("Ratios, counts and sizes compare, other figures do not.")
    for name, version in run.packages.items():
        if (former := released.packages.get(name)) != version:
            console.print(f"{name} {version} is here, {former} was there.")
    if run.python != released.python:
        console.print(f"Python {run.python} is here, {released.python} was there.")
    missing: dict[str, list[str]] = {}
    for benchmark, job, _, _ in run.missing(released):
        missing.setdefault(benchmark, []).append(job)
    for benchmark, jobs in missing.items():
        console.print(
            f"Not here, or in another size, of {benchmark}: {'; '.join(dict.fromkeys(jobs))}.", style="yellow"
        )
    worse = [key for key, (kind, _) in run.changes(released).items() if kind == "worse"]
    for benchmark, job, unit, contender in worse:
        console.print(f"Worse than in {released.version}: {benchmark}, {job}, {unit}, {contender}.", style="bold red")
    if not worse:
        console.print(f"Nothing is worse than in {released.version}.")
