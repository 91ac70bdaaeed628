"""The comparison of benchmarks with the last release, and its figures in the documentation."""

from __future__ import annotations

import dataclasses
import io
import re
import xml.etree.ElementTree as ElementTree
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from bs4 import BeautifulSoup
from rich.console import Console

import benchmarks.__main__ as program
from benchmarks import page, plot, table
from benchmarks.measurement import RELEASED, Measurement, Run, change, compared

ROOT = Path(__file__).parents[2]
HIGH, LOW, WIDE = (1.9, 2.0, 2.1), (0.9, 1.0, 1.1), (1.0, 1.5, 2.0)


def measured(
    ratios: tuple[float, ...] = (), figures: tuple[float, ...] = (5.0, 6.0, 7.0), **others: str
) -> Measurement:
    defaults = {"benchmark": "get", "job": "one GET", "contender": "hubspot-files", "unit": "µs", "better": "less"}
    return Measurement(**{**defaults, **others}, figures=figures, reference="httpx" if ratios else None, ratios=ratios)


def run_of(*measurements: Measurement, **others: Any) -> Run:
    run = Run("1.0", "2026-12-01", "3.11.7", "a machine", {"httpx": "0.28.1"}, {}, measurements)
    return dataclasses.replace(run, **others)


@pytest.mark.parametrize(
    ("better", "before", "now", "expected"),
    [
        ("less", LOW, HIGH, "worse"),
        ("less", HIGH, LOW, "better"),
        ("more", LOW, HIGH, "better"),
        ("more", HIGH, LOW, "worse"),
        ("less", LOW, WIDE, "same"),  # one round is as good as those of the release
        ("less", LOW, LOW, "same"),
        ("less", (1.0, 1.01, 1.02), (1.03, 1.05, 1.11), "same"),  # every round is worse, but by 4 %
        ("less", (1.0, 1.01, 1.02), (1.03, 1.12, 1.13), "worse"),
    ],
)
def test_a_ratio_is_compared_with_its_spread(
    better: str, before: tuple[float, ...], now: tuple[float, ...], expected: str
) -> None:
    assert change(measured(now, better=better), measured(before, better=better)) == expected


@pytest.mark.parametrize(
    ("unit", "before", "now", "expected"),
    [
        ("API calls", 100, 101, "worse"),
        ("API calls", 100, 100, "same"),
        ("API calls", 100, 99, "better"),
        ("MiB", 1, 4.9, "same"),
        ("MiB", 1, 5.1, "worse"),
        ("429s", 0, 5, "same"),
        ("429s", 0, 6, "worse"),
        ("kB", 500, 540, "same"),
        ("kB", 500, 560, "worse"),
        ("s", 10, 20, "new"),  # it depends on the machine
    ],
)
def test_a_figure_without_a_ratio_is_compared_by_its_unit(unit: str, before: float, now: float, expected: str) -> None:
    assert change(measured((), (now,), unit=unit), measured((), (before,), unit=unit)) == expected


def test_a_ratio_of_one_round_may_differ_more() -> None:
    one = {"unit": "files/s", "better": "more"}
    assert change(measured((0.76,), **one), measured((1.0,), **one)) == "same"
    assert change(measured((0.74,), **one), measured((1.0,), **one)) == "worse"


def test_ratios_are_made_round_by_round() -> None:
    ours, httpx = compared(
        "get", "one GET", "s", "less", {"hubspot-files": [2, 6], "httpx": [4, 3]}, reference="httpx", calls={"httpx": 1}
    )
    assert (ours.figures, ours.ratios, ours.calls, ours.is_reference) == ((2, 6), (0.5, 2), None, False)
    assert (httpx.figures, httpx.ratios, httpx.calls, httpx.is_reference) == ((4, 3), (1, 1), 1, True)


def test_a_run_is_the_same_when_it_is_loaded(tmp_path: Path) -> None:
    run = run_of(measured(LOW), measured((), (), contender="hubspot-sdk", unit="API calls"))
    run.save(tmp_path / "new" / "run.json")
    assert Run.load(tmp_path / "new" / "run.json") == run


def shown(run: Run, released: Run | None, width: int = 80) -> tuple[bool, str]:
    out = io.StringIO()
    got_worse = table.show(run, released, Console(file=out, width=width))
    return got_worse, out.getvalue()


def test_the_table_marks_what_got_worse_of_this_package_only() -> None:
    others = {"contender": "hubspot-sdk"}
    before = run_of(measured(LOW), measured(LOW, **others), measured(HIGH, job="gone"), measured(HIGH, job="another"))
    run = run_of(
        measured(HIGH), measured(HIGH, **others), measured(LOW, job="another"), measured((), (), job="x", **others)
    )
    got_worse, text = shown(run, before)
    assert got_worse
    assert re.search(r"hubspot-files +6 \(5 to 7\) +2 \(1\.90 to 2\.10\) +1 worse", text)
    assert re.search(r"hubspot-files +6 \(5 to 7\) +1 \(0\.90 to 1\.10\) +2 better", text)
    assert re.search(r"hubspot-sdk +6 \(5 to 7\) +2 \(1\.90 to 2\.10\) *\n", text)
    assert re.search(r"hubspot-sdk +cannot *\n", text)
    assert "Worse than in 1.0: get, one GET, µs, hubspot-files." in text
    assert "Not here, or in another size, of get: gone." in text
    assert max(map(len, text.splitlines())) <= 80


def test_the_table_names_what_differs_from_the_release() -> None:
    run = run_of(measured(LOW), measured(LOW, job="a new one"))
    assert shown(run, None)[0] is False
    got_worse, text = shown(run, run_of(measured(LOW)))
    assert not got_worse
    assert "another machine" not in text
    assert re.search(r"hubspot-files .* new *\n", text)
    assert "Nothing is worse than in 1.0." in text
    elsewhere = run_of(measured(LOW), machine="another", python="3.14.0", packages={"httpx": "0.29"})
    text = shown(elsewhere, run, 120)[1]
    assert "1.0 was measured on another machine: a machine." in text
    assert "Ratios, counts and sizes compare, other figures do not." in text
    assert "httpx 0.29 is here, 0.28.1 was there." in text
    assert "Python 3.14.0 is here, 3.11.7 was there." in text


def outcome(*arguments: str, monkeypatch: pytest.MonkeyPatch) -> object:
    """Run the program, and return its exit status."""
    monkeypatch.setattr("sys.argv", ["benchmarks", *arguments])
    try:
        return program.main()
    except SystemExit as exit:
        return exit.code


def test_the_exit_status_is_1_if_something_got_worse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "RELEASED", tmp_path / "released.json")
    run_of(measured(HIGH)).save(tmp_path / "run.json")
    arguments = ("--from", str(tmp_path / "run.json"))
    assert outcome(*arguments, monkeypatch=monkeypatch) == 0
    run_of(measured(HIGH)).save(tmp_path / "released.json")
    assert outcome(*arguments, monkeypatch=monkeypatch) == 0
    run_of(measured(LOW)).save(tmp_path / "released.json")
    assert outcome(*arguments, monkeypatch=monkeypatch) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["uplaod"], "no benchmark is named 'uplaod'; there are calls, wheel,"),
        (["--store", "--quick"], "--store takes a run of all benchmarks, with their own rounds and sizes"),
        (["--store", "--rounds", "3"], "--store takes a run of all benchmarks, with their own rounds and sizes"),
        (["--store", "get"], "--store takes a run of all benchmarks, with their own rounds and sizes"),
        (["--store", "--from", "SOME"], "--store takes a run of all benchmarks, with their own rounds and sizes"),
        (["--store", "--from", "SHORT"], "--store takes a run of all benchmarks, with their own rounds and sizes"),
    ],
)
def test_only_a_run_of_all_is_stored(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(program, "RELEASED", tmp_path / "released.json")
    run_of(*(measured(HIGH, benchmark=name) for name in program.BENCHMARKS if name != "get")).save(tmp_path / "SOME")
    run_of(*(measured(HIGH, benchmark=name) for name in program.BENCHMARKS), options={"rounds": 3}).save(
        tmp_path / "SHORT"
    )
    monkeypatch.chdir(tmp_path)
    assert outcome(*arguments, monkeypatch=monkeypatch) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "released.json").exists()


@pytest.mark.parametrize(
    ("values", "text"),
    [((), "cannot"), ((3,), "3"), ((0.123, 1.5, 2.25), "1.50 (0.12 to 2.25)"), ((12.34, 1234.5), "623 (12.3 to 1234)")],
)
def test_numbers_are_short(values: tuple[float, ...], text: str) -> None:
    assert table.spread(values) == text


def test_the_plot_is_that_of_the_release() -> None:
    """If it is not, store both: `python -m benchmarks --from FILE --store`."""
    svg = ElementTree.fromstring(plot.PLOT.read_bytes())
    name = "{http://www.w3.org/2000/svg}"
    assert (
        svg.find(f"{name}title").text == f"Speed and cost of hubspot-files {Run.load(RELEASED).version} and its peers"
    )
    assert svg.find(f"{name}desc").text
    texts = [element.text for element in svg.iter(f"{name}text")]
    drawn = {better: plot.plotted(Run.load(RELEASED), better) for better in ("more", "less")}
    rows = [each for jobs in drawn.values() for job in jobs for each in job]
    wanted = [(each.contender, table.number(median(each.ratios))) for each in rows]
    assert wanted
    assert [pair for pair in pairwise(texts) if pair in wanted] == wanted


def test_the_page_has_the_figures_of_the_release() -> None:
    built = BeautifulSoup((ROOT / "site/benchmarks.html").read_bytes(), "html.parser")
    cells = [[cell.get_text() for cell in row.find_all(["td", "th"])] for row in built.find_all("tr")]
    run = Run.load(RELEASED)
    for each in run.measurements:
        [figure] = {table.spread(each.figures)}
        assert any(figure in row for row in cells), each
        if each.benchmark not in ("calls", "transfers"):
            assert any(row[:3] == [each.contender, figure, table.ratio(each)] for row in cells), each
    assert built.select_one("svg.benchmarks title").get_text() in plot.PLOT.read_text("utf-8")
    assert page.where(run) in built.get_text()
    for text in (
        (ROOT / "site/benchmarks.html").read_text("utf-8"),
        (ROOT / "site/benchmarks.html.md").read_text("utf-8"),
    ):
        assert "<!-- speeds" not in text
    assert "<path" not in text


def released(benchmark: str, job: str, unit: str, contender: str) -> float:
    found = {each.key: each for each in Run.load(RELEASED).measurements}
    return median(found[benchmark, job, unit, contender].figures)


def test_the_readme_has_the_figures_of_the_release() -> None:
    """Those of memory may be up to a tenth off, since they are round."""
    readme = re.sub(r"\s+", " ", (ROOT / "README.md").read_text("utf-8"))
    official, alpha = "hubspot-api-client", "hubspot-sdk"
    found = re.search(r"256 MiB takes 1 MiB of memory; `[\w-]+` takes (\d+), and the alpha `[\w-]+` (\d+)\.", readme)
    memory = [released("upload", "memory of the upload of 256 MiB", "MiB", name) for name in (official, alpha)]
    assert [float(number) for number in found.groups()] == pytest.approx(memory, rel=0.1)
    assert released("upload", "memory of the upload of 256 MiB", "MiB", "hubspot-files") < 1.5

    job, least = re.search(
        r"(570 uploads) meet no 429 there, and over (\d+) with either official client", readme
    ).groups()
    refused = {
        each.contender: each.figures[0]
        for each in Run.load(RELEASED).measurements
        if each.unit == "429s" and each.job.startswith(job)
    }
    assert (refused.pop("hubspot-files"), refused.pop("hubspot-files, async")) == (0, 0)
    assert len(refused) == 2
    assert min(refused.values()) > int(least)

    counts = re.search(r"100 files are unchanged takes (\d+) calls instead of (\d+)\.", readme).groups()
    job = "upload of 100 files, unchanged"
    assert [int(count) for count in counts] == [
        released("calls", job, "API calls", name) for name in ("hubspot-files", official)
    ]
