"""What a benchmark returns, how a run of them is kept as JSON, and what got worse since the last release."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import Literal, NamedTuple, TypeAlias

Key: TypeAlias = tuple[str, str, str, str]
Change: TypeAlias = Literal["new", "same", "better", "worse"]

RELEASED = Path(__file__).with_name("released.json")
CALLS = "API calls"
_PACKAGES = ("httpx", "httpcore", "anyio", "attrs", "hubspot-api-client", "hubspot-sdk", "fsspec", "s3fs", "moto")


class Tolerance(NamedTuple):
    """The difference of two medians up to which they are the same: a share of the former one, and an amount."""

    share: float = 0.1
    amount: float = 0.0


# Counts are exact. Growth of memory differs by a few chunks from run to run, and the number of refusals by a few. Those
# at the rate limit have one round, and the pauses of the reference are a matter of chance.
_TOLERANCES = {
    CALLS: Tolerance(share=0),
    "MiB": Tolerance(amount=4),
    "429s": Tolerance(amount=5),
    "files/s": Tolerance(share=0.25),
}
# The figures that hardly depend on the machine, and are compared where there is no ratio.
_PORTABLE = (CALLS, "MiB", "429s", "% of the limit", "kB")


@dataclass(frozen=True)
class Measurement:
    """The figures of one contender in one job, a figure for each round.

    Args:
        benchmark: name of the benchmark.
        job: what was done, with its size.
        contender: who did it.
        unit: of the figures.
        better: whether more or less of it is better.
        figures: none if the contender cannot do the job.
        reference: the contender that the ratios refer to.
        ratios: the figure divided by that of the reference, in the same round.
        calls: calls of the API that the job takes.
    """

    benchmark: str
    job: str
    contender: str
    unit: str
    better: Literal["more", "less"]
    figures: tuple[float, ...]
    reference: str | None = None
    ratios: tuple[float, ...] = ()
    calls: float | None = None

    @property
    def key(self) -> Key:
        """Measurements of two runs with the same key can be compared."""
        return self.benchmark, self.job, self.unit, self.contender

    @property
    def is_ours(self) -> bool:
        """Whether the contender is this package."""
        return self.contender.startswith(("hubspot-files", "hubspot://"))

    @property
    def is_reference(self) -> bool:
        """Whether the ratios of the others refer to it."""
        return self.contender == self.reference

    @property
    def comparable(self) -> tuple[float, ...]:
        """The values that can be compared with another run, perhaps on another machine."""
        return self.ratios or (self.figures if self.unit in _PORTABLE else ())


def compared(
    benchmark: str,
    job: str,
    unit: str,
    better: Literal["more", "less"],
    figures: Mapping[str, Sequence[float]],
    *,
    reference: str | None = None,
    calls: Mapping[str, float] | None = None,
) -> list[Measurement]:
    """Return the measurements of a job, with the ratios to the reference round by round.

    Args:
        benchmark, job, unit, better, reference: see Measurement.
        figures: the figures of each contender, a figure for each round. The rounds are the same for all.
        calls: the calls of each contender for the job.
    """
    found = []
    for contender, each in figures.items():
        ratios = [own / other for own, other in zip(each, figures[reference], strict=True)] if reference else []
        rounded = [tuple(float(f"{value:.4g}") for value in values) for values in (each, ratios)]
        count = (calls or {}).get(contender)
        found.append(Measurement(benchmark, job, contender, unit, better, rounded[0], reference, rounded[1], count))
    return found


def change(now: Measurement, before: Measurement | None) -> Change:
    """Return what became of a measurement since the last release.

    It is better or worse if each round is on the same side of all rounds of the release, and the medians differ by more
    than the tolerance. If nothing has changed, it is a matter of chance whether 7 rounds are all below 7 others, with a
    probability of 1 in 3,432. The tolerance is for what shifts all rounds of a run, such as the layout of memory.
    """
    if before is None or not (now.comparable and before.comparable):
        return "new"
    values, others = now.comparable, before.comparable
    difference = median(values) - median(others)
    tolerance = _TOLERANCES.get(now.unit, Tolerance())
    is_apart = min(values) > max(others) or max(values) < min(others)
    if not is_apart or abs(difference) <= max(tolerance.share * abs(median(others)), tolerance.amount):
        return "same"
    return "better" if (difference > 0) == (now.better == "more") else "worse"


@dataclass(frozen=True)
class Run:
    """The measurements of one run: where and when, with which packages, and with which rounds and sizes of the user."""

    version: str
    date: str
    python: str
    machine: str
    packages: dict[str, str]
    options: dict[str, float]
    measurements: tuple[Measurement, ...]

    @classmethod
    def of_today(cls, measurements: Sequence[Measurement], options: Mapping[str, float]) -> Run:
        """Return a run of this version on this machine."""
        return cls(
            version=metadata.version("hubspot-files"),
            date=datetime.now(UTC).date().isoformat(),
            python=platform.python_version(),
            machine=f"{_processor()}, {os.cpu_count()} processors, {platform.system()} {platform.machine()}",
            packages={name: metadata.version(name) for name in _PACKAGES},
            options=dict(options),
            measurements=tuple(measurements),
        )

    def changes(self, before: Run | None) -> dict[Key, tuple[Change, Measurement | None]]:
        """Return what became of each measurement of this package, and the former one."""
        others = {each.key: each for each in before.measurements} if before else {}
        return {
            each.key: (change(each, others.get(each.key)), others.get(each.key))
            for each in self.measurements
            if each.is_ours
        }

    def missing(self, before: Run | None) -> list[Key]:
        """Return the measurements of this package that the benchmarks of this run do not make any more."""
        names, keys = {each.benchmark for each in self.measurements}, {each.key for each in self.measurements}
        others = before.measurements if before else ()
        return [each.key for each in others if each.is_ours and each.benchmark in names and each.key not in keys]

    def save(self, path: Path) -> None:
        """Write JSON, a line for each measurement."""
        fields = asdict(self)
        lines = ",\n  ".join(json.dumps(each) for each in fields.pop("measurements"))
        head = json.dumps(fields, indent=1).removesuffix("\n}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'{head},\n "measurements": [\n  {lines}\n ]\n}}\n', "utf-8")

    @classmethod
    def load(cls, path: Path) -> Run:
        """Read the JSON of `save`."""
        fields = json.loads(path.read_text("utf-8"))
        found = [
            Measurement(**{**each, "figures": tuple(each["figures"]), "ratios": tuple(each["ratios"])})
            for each in fields.pop("measurements")
        ]
        return cls(**fields, measurements=tuple(found))


def _processor() -> str:
    """Return the model of the processor, which Python knows on some systems only."""
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown processor"
