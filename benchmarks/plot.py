"""The ratios as an SVG: `docs/assets/benchmarks.svg` is that of the last release."""

from __future__ import annotations

import io
import re
from itertools import groupby
from pathlib import Path
from statistics import median
from typing import Any

from .measurement import Measurement, Run
from .table import heading, number

PLOT = Path(__file__).parents[1] / "docs/assets/benchmarks.svg"
_DIRECTIONS = {"more": "More is better →", "less": "← Less is better"}
# Units are pixels. This many fit on a phone, so that text has its size there.
_WIDTH, _LINE, _LABELS, _VALUES = 360, 19, 166, 38
# Colours of matplotlib that the style sheet replaces, for pages in a light and in a dark theme.
_COLOURS = {"ink": "#010101", "faint": "#020202", "ours": "#030303", "peer": "#040404", "line": "#050505"}
_STYLE = """
.benchmarks {--ink: #1a1a1a; --faint: #5f5f5f; --ours: #b3361c; --peer: #4a6078; --line: #c9c9c9}
@media (prefers-color-scheme: dark) {
body:not([data-theme="light"]) .benchmarks, svg.benchmarks:root {DARK}
}
body[data-theme="dark"] .benchmarks {DARK}
.benchmarks * {stroke-linejoin: round; stroke-linecap: butt}
svg.benchmarks:root {font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif}
""".replace("DARK", "--ink: #e8e8e8; --faint: #a8a8a8; --ours: #ff8f73; --peer: #9db7d4; --line: #4a4a4a")


def plotted(run: Run, better: str) -> list[list[Measurement]]:
    """Return the measurements of each job that are drawn in a panel, without the references."""
    ratios = [each for each in run.measurements if each.ratios and each.better == better]
    jobs = [list(group) for _, group in groupby(ratios, heading)]
    return [[each for each in group if not each.is_reference] for group in jobs]


def draw(run: Run) -> str:
    """Return an SVG with a dot for the median of each ratio, and a bar from the lowest to the highest."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "benchmarks", "font.size": 12})
    from matplotlib import pyplot

    panels = {better: jobs for better in _DIRECTIONS if (jobs := plotted(run, better))}
    lines = {better: sum(1.3 + len(job) for job in jobs) + 3 for better, jobs in panels.items()}
    height = _LINE * sum(lines.values())
    figure = pyplot.figure(figsize=(_WIDTH / 72, height / 72))
    values = [value for jobs in panels.values() for job in jobs for each in job for value in each.ratios]
    top = height
    for better, jobs in panels.items():
        own = _LINE * lines[better]
        width = _WIDTH - _LABELS - _VALUES
        axes = figure.add_axes(
            (_LABELS / _WIDTH, (top - own + _LINE) / height, width / _WIDTH, (own - 2 * _LINE) / height)
        )
        _panel(axes, better, jobs, lines[better] - 2)
        axes.set_xlim(min(values) / 1.15, max(values) * 1.15)
        top -= own
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    pyplot.close(figure)
    return _styled(buffer.getvalue(), run)


def _panel(axes: Any, better: str, jobs: list[list[Measurement]], lines: float) -> None:
    from matplotlib import ticker

    ink, faint, line = (_COLOURS[name] for name in ("ink", "faint", "line"))
    side = {"transform": axes.get_yaxis_transform(), "clip_on": False, "va": "center"}
    left = -_LABELS / (_WIDTH - _LABELS - _VALUES)
    axes.set_xscale("log")
    axes.set_ylim(lines, 0)
    axes.set_yticks([])
    axes.set_title(_DIRECTIONS[better], fontsize=12, color=ink, loc="left", x=left, weight="bold")
    axes.axvline(1, color=faint, linewidth=1.2)
    place = 0.0
    for job in jobs:
        place += 0.9
        title, unit, reference = heading(job[0])
        axes.text(left, place, title, color=ink, weight="bold", fontsize=11, **side)
        axes.text(
            1 + _VALUES / (_WIDTH - _LABELS - _VALUES),
            place,
            f"{unit[:-2]}, 1 = {reference[3:]}",
            color=faint,
            fontsize=10.5,
            ha="right",
            **side,
        )
        for each in job:
            place += 1
            colour = _COLOURS["ours" if each.is_ours else "peer"]
            low, high, middle = min(each.ratios), max(each.ratios), median(each.ratios)
            axes.plot((low, high), (place, place), color=colour, linewidth=3, alpha=0.45, solid_capstyle="butt")
            axes.plot(middle, place, "o", color=colour, markersize=6.5)
            axes.text(left, place, each.contender, color=colour, **side)
            axes.text(1.03, place, number(middle), color=colour, **side)
        place += 0.4
    axes.grid(axis="x", color=line, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.tick_params(colors=faint, labelsize=10, color=line)
    axes.xaxis.set_major_locator(ticker.LogLocator(subs=(1, 3), numticks=20))
    axes.xaxis.set_minor_locator(ticker.NullLocator())
    axes.xaxis.set_major_formatter("{x:g}")
    for spine in axes.spines.values():
        spine.set_visible(False)


def _styled(svg: str, run: Run) -> str:
    """Return a picture that scales, with the colours and the font of the page, a title and a description."""
    for name, colour in _COLOURS.items():
        svg = svg.replace(colour, f"var(--{name})")
    svg = re.sub(r" font-family: .*?;|<style.*?</style>", "", svg)
    svg = re.sub(r' transform="rotate\(-0 .*?\)"', "", svg)
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    box = re.search(r'viewBox=".*?"', svg)
    assert box is not None
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {box[0]}'
        ' class="benchmarks" role="img" aria-labelledby="benchmarks-title benchmarks-description">'
    )
    title = f"Speed and cost of hubspot-files {run.version} and its peers"
    described = (
        "For each job, a row for each contender: a dot for the median ratio to the reference, and a bar from the lowest"
        " to the highest, on a logarithmic scale."
    )
    return (
        f'{head}\n<title id="benchmarks-title">{title}</title>\n'
        f'<desc id="benchmarks-description">{described}</desc>\n<style>{_STYLE}</style>{svg.partition(">")[2]}'
    )
