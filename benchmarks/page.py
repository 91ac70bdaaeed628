"""The tables of docs/benchmarks.md, which are made when the site is built."""

from __future__ import annotations

import re
from itertools import groupby

from .measurement import RELEASED, Measurement, Run
from .table import heading, number, ratio, spread


def fill_in(page: str, plot: str) -> str:
    """Return the page with the tables in the place of the comments that name them.

    Args:
        page: the Markdown of the page.
        plot: what replaces the picture.
    """
    run = Run.load(RELEASED)
    parts = {"where": where(run), "speeds": speeds(run), "transfers": transfers(run), "calls": calls(run)}
    for name, part in parts.items():
        page = page.replace(f"<!-- {name} -->", part)
    return re.sub(r"!\[.*?\]\(assets/benchmarks\.svg\)", plot, page)


def where(run: Run) -> str:
    """Return a sentence on the run."""
    packages = ", ".join(f"{name} {version}" for name, version in run.packages.items())
    return f"Version {run.version}, measured on {run.date} with Python {run.python} on {run.machine}; {packages}."


def speeds(run: Run) -> str:
    """Return the table of all that is neither a count of calls nor a transfer of many files."""
    lines = _head("", "figure", "ratio", "calls")
    chosen = [each for each in run.measurements if each.benchmark not in ("calls", "transfers")]
    for (job, unit, reference), group in groupby(chosen, heading):
        lines.append(
            f"| **{job}** | **{unit}** | **{reference}** | |" if reference else f"| **{job}** | **{unit}** | | |"
        )
        for each in group:
            count = "" if each.calls is None else number(each.calls)
            lines.append(f"| {each.contender} | {spread(each.figures)} | {ratio(each)} | {count} |")
    return "\n".join(lines)


def transfers(run: Run) -> str:
    """Return the table of transfers, a line for each job and contender."""
    chosen = [each for each in run.measurements if each.benchmark == "transfers"]
    units = list(dict.fromkeys(each.unit for each in chosen))
    lines = _head("", *units, "calls")
    for job, group in groupby(chosen, lambda each: each.job):
        lines.append(f"| **{job}** |{' |' * (len(units) + 1)}")
        rows: dict[str, dict[str, Measurement]] = {}
        for each in group:
            rows.setdefault(each.contender, {})[each.unit] = each
        for contender, figures in rows.items():
            cells = [spread(figures[unit].figures) for unit in units]
            count = next(number(each.calls) for each in figures.values() if each.calls is not None)
            lines.append(f"| {' | '.join([contender, *cells, count])} |")
    return "\n".join(lines)


def calls(run: Run) -> str:
    """Return the table of API calls, a column for each contender."""
    chosen = [each for each in run.measurements if each.benchmark == "calls"]
    contenders = list(dict.fromkeys(each.contender for each in chosen))
    lines = _head("job", *contenders)
    for job, group in groupby(chosen, lambda each: each.job):
        counts = {each.contender: spread(each.figures) for each in group}
        lines.append(f"| {' | '.join([job, *(counts[name] for name in contenders)])} |")
    return "\n".join(lines)


def _head(*columns: str) -> list[str]:
    return [f"| {' | '.join(columns)} |", f"|---|{'---:|' * (len(columns) - 1)}"]
