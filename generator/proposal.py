"""`python -m generator propose`: edits the checkout as HubSpot's changes need, and writes a pull request's text."""

from __future__ import annotations

import argparse
import contextlib
import datetime
import hashlib
import io
import json
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from .contracts import lockfile, versions
from .contracts.changes import BREAKING
from .contracts.comparison import changes
from .contracts.events import Event
from .contracts.lockfile import LockedContract
from .contracts.model import version_order
from .errors import PipelineError, complain, printable
from .layout import CHECKOUT, Layout
from .upstream import command, published, reconcile
from .upstream.baseline import Baseline, baseline
from .upstream.published import Published

DONE, UNUSABLE = 0, 2
PULL_REQUEST = "pull-request.md"
# HubSpot took back a breaking change after three hours.
WAIT = datetime.timedelta(days=1)

# GitHub refuses a text of more than 65,536 characters.
_MAX_TEXT = 60_000
_MAX_LINE = 400
_BLOCKS = (12_000, 6_000, 3_000, 1_500, 700, 300, 100)
_VERSION = re.compile(r"v[0-9]{1,3}|20[0-9]{2}-[0-9]{2}(-[0-9]{2})?(-[a-z0-9]{1,20})?")
# Only as the first line: no text of a description comes before it.
_STATE = re.compile(r"<!-- published (\{.*\}) -->\s*")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Seen:
    """The first sight of a published description, which the text of the pull request keeps for the next run.

    Attributes:
        sha256: The digest of its bytes.
        revision: The date that it is locked with.
        breaking: The digest of its breaking changes; empty if there are none.
        since: The time at which these were seen first.
    """

    sha256: str
    revision: str
    breaking: str
    since: datetime.datetime

    def as_json(self) -> dict[str, str]:
        """Return it in the form that `read_state` reads."""
        return {
            "sha256": self.sha256,
            "revision": self.revision,
            "breaking": self.breaking,
            "since": self.since.isoformat(timespec="seconds"),
        }


Part = str | list[str]


@dataclass
class Text:
    """The text of a pull request or an issue: Markdown of our own, and lists of lines that may hold published names."""

    first: str = ""
    parts: list[Part] = field(default_factory=list)

    def add(self, *parts: Part) -> None:
        """Add parts. A list becomes a block in which GitHub interprets nothing."""
        self.parts += parts

    def rendered(self) -> str:
        """Return the text, with its longest blocks cut if GitHub would refuse it."""
        for limit in _BLOCKS:
            blocks = [_block(part, limit) if isinstance(part, list) else part for part in self.parts if part]
            text = self.first + "\n\n".join(blocks) + "\n"
            if len(text) <= _MAX_TEXT:
                return text
        raise PipelineError("There is too much to propose at once:", ["give fewer descriptions"])


def _block(lines: list[str], limit: int) -> str:
    kept: list[str] = []
    for line in lines:
        shown = printable(line)
        kept.append(shown if len(shown) <= _MAX_LINE else f"{shown[:_MAX_LINE]}…")
        if sum(map(len, kept)) > limit and len(kept) < len(lines):
            kept.append(f"… and {len(lines) - len(kept)} more lines, which the command prints")
            break
    fence = "`" * max(3, 1 + max((len(run) for line in kept for run in re.findall("`+", line)), default=0))
    return "\n".join([f"{fence}text", *kept, fence])


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this subcommand to the command line."""
    parser = commands.add_parser(
        "propose",
        help="follow published descriptions as far as possible, and write the text of a pull request",
        description="Lock what is noise, write what is added, regenerate and reconcile, and write the texts of a pull"
        " request and of an issue for each version that is not followed. A description with breaking changes is locked"
        " a day after they were first seen. Exit status: 0 done, 1 failed, 2 a description is unusable; the others are"
        " proposed all the same.",
    )
    parser.add_argument("sources", metavar="FILE_OR_URL", nargs="+", help="a published description, JSON or YAML")
    parser.add_argument(
        "--out",
        metavar="FOLDER",
        type=Path,
        required=True,
        help=f"folder for {PULL_REQUEST} and issue-VERSION.md; what an earlier run wrote there is removed",
    )
    parser.add_argument(
        "--previous", metavar="FILE", type=Path, help="text of the open pull request, which knows what was seen when"
    )
    parser.set_defaults(run=lambda options: run(options))


def run(
    options: argparse.Namespace,
    layout: Layout = CHECKOUT,
    *,
    echo: Callable[[str], object] = print,
    now: datetime.datetime | None = None,
) -> int:
    """Propose what the options say; return the exit status.

    Args:
        options: The parsed command line.
        layout: The checkout.
        echo: Receives each line for the maintainer.
        now: The time; that of the machine if None.
    """
    now = now or datetime.datetime.now(datetime.UTC)
    try:
        proposal = _Proposal(layout, echo, now, _previous(options.previous, now))
        texts = proposal.texts(options.sources)
        options.out.mkdir(parents=True, exist_ok=True)
        for path in (options.out / PULL_REQUEST, *options.out.glob("issue-*.md")):
            path.unlink(missing_ok=True)
        for name, text in texts.items():
            (options.out / name).write_text(text.rendered(), encoding="utf-8", newline="\n")
            echo(f"Wrote {options.out / name}")
    except (PipelineError, OSError) as problem:
        complain(problem)
        return 1
    if not texts:
        echo("Nothing to propose.")
    for line in proposal.unusable:
        sys.stderr.write(f"{printable(line)}\n")
    return UNUSABLE if proposal.unusable else DONE


class _Proposal:
    """The proposal of one run.

    Attributes:
        unusable: The sources that cannot be followed, each with the reason.
    """

    def __init__(
        self, layout: Layout, echo: Callable[[str], object], now: datetime.datetime, state: dict[str, Seen]
    ) -> None:
        self.unusable: list[str] = []
        self._layout = layout
        self._echo = echo
        self._now = now
        self._state = state
        self._seen: dict[str, Seen] = {}
        self._has_written = False
        self._waits = False

    def texts(self, sources: Iterable[str]) -> dict[str, Text]:
        """Edit the checkout, and return the texts by the names of their files."""
        texts: dict[str, Text] = {}
        request = Text()
        followed: dict[str, tuple[Published, list[Event]]] = {}
        for source, new, old, found in self._read(sources):
            version = new.contract.version
            if not old.is_followed:
                _add_alarm(texts.setdefault(f"issue-{version}.md", Text()), source, old, found)
            elif old.missing:
                self._refuse(source, " ".join(old.introduction()))
            elif version in followed and any(changes(followed[version][0].contract, new.contract)):
                self._refuse(source, f"{version} is published twice, in different ways; the first is followed")
            else:
                followed.setdefault(version, (new, found))
        for version in sorted(followed, key=version_order):
            try:
                self._follow(request, *followed[version])
            except PipelineError as problem:
                self._refuse(version, _line(problem))
        if request.parts:
            if self._has_written:
                request.add("## The generated client", *self._regenerated())
            if self.unusable:
                request.add("## Not followed", "These cannot be used. Nothing is concluded from them:", self.unusable)
            state = json.dumps({version: seen.as_json() for version, seen in self._seen.items()})
            request.first = f"<!-- published {state} -->\n{_INTRODUCTION}\n\n"
            texts[PULL_REQUEST] = request
        return texts

    def _read(self, sources: Iterable[str]) -> Iterable[tuple[str, Published, Baseline, list[Event]]]:
        """Read the sources and compare them with the locks; those that cannot be used are left out."""
        labels = command.labels(self._layout)
        for source in sources:
            try:
                new = published.read(source)
                if not _VERSION.fullmatch(new.contract.version):
                    raise PipelineError("The published description cannot be used:", ["its version is no version"])
                old = baseline(self._layout, new.contract, None)
                found = old.events(labels)
            except PipelineError as problem:
                self._refuse(source, _line(problem))
            else:
                yield source, new, old, found

    def _refuse(self, source: str, reason: str) -> None:
        self.unusable.append(f"{source}: {reason}")

    def _follow(self, text: Text, new: Published, found: list[Event]) -> None:
        """Follow a description of a version that has a lock."""
        from .upstream import apply

        version = new.contract.version
        if new.sha256 == lockfile.read(self._layout.lock(version)).sha256:
            return
        seen = self._sight(new, [event for event in found if event.grade == BREAKING])
        self._echo(f"{version}: {len(found)} changes")
        if not found:
            text.add(f"## {version}: noise", "Order, wording or names only. The lock notes that it was reviewed.")
            self._lock(new, seen)
            return
        before = self._layout.description.read_bytes()
        applied, left = apply.apply(self._layout, new.contract)
        self._has_written |= self._layout.description.read_bytes() != before
        text.add(f"## {version}", command.table(found))
        if seen.breaking and self._now - seen.since < WAIT:
            self._waits = True
            end = seen.since + WAIT
            text.add(
                f"**Waits until {end:%Y-%m-%d %H:%M} UTC.** A breaking change may be taken back, as one was after three"
                " hours. Until then, this description is not locked, and nothing of it is to be merged."
            )
        else:
            if seen.breaking:
                text.add(f"The breaking changes have stood since {seen.since:%Y-%m-%d %H:%M} UTC. They are locked.")
            self._lock(new, seen)
        if applied:
            text.add(f"Written into `{self._layout.description.name}`:", applied)
        if left:
            steps = [f"{number}. {line}" for number, line in enumerate(left, 1)]
            text.add("Left to do by hand, so that ours says what is published:", steps)

    def _sight(self, new: Published, breaking: list[Event]) -> Seen:
        """Return when a description and its breaking changes were seen first, and note it for the next run."""
        version = new.contract.version
        known = self._state.get(version)
        is_known = known is not None and known.sha256 == new.sha256
        revision = known.revision if known and is_known else new.date or self._now.date().isoformat()
        facts = json.dumps(sorted((event.place, event.what) for event in breaking))
        digest = hashlib.sha256(facts.encode()).hexdigest() if breaking else ""
        since = known.since if known and known.breaking == digest else self._now
        self._seen[version] = Seen(new.sha256, revision, digest, since)
        return self._seen[version]

    def _lock(self, new: Published, seen: Seen) -> None:
        path = self._layout.lock(new.contract.version)
        lockfile.write(path, LockedContract(seen.revision, new.sha256, new.contract))
        self._has_written = True

    def _regenerated(self) -> list[Part]:
        """Regenerate and reconcile, and return the outcome of both."""
        # It needs the pinned tools, and the help of the command none of them.
        from .writing import regenerate

        errors = io.StringIO()
        with contextlib.redirect_stderr(errors):
            status = regenerate.run(self._layout, echo=self._echo)
        if status:
            return ["`regenerate` stopped. Do what it says, and run it again:", errors.getvalue().splitlines()]
        if self._waits:
            # Additions that are not locked yet would be listed as if they needed divergences.
            return ["It is regenerated. `reconcile` fails as long as something waits."]
        try:
            lines = reconcile.findings(self._layout, versions.read(self._layout))
        except PipelineError as problem:
            lines = [problem.heading, *problem.lines]
        if lines:
            return ["It is regenerated. `reconcile` fails until these are put right:", lines]
        return ["It is regenerated, and `reconcile` passes."]


_INTRODUCTION = (
    "HubSpot has changed its published descriptions. This is what the pipeline makes of them by itself;"
    " [docs/updating.md](../blob/HEAD/docs/updating.md) leads through the rest. The next run replaces the commit and"
    " this text, unless somebody else has pushed to the branch."
)


def _add_alarm(text: Text, source: str, old: Baseline, found: list[Event]) -> None:
    """Add a description of a version that is not followed."""
    if not text.parts:
        text.add(
            "HubSpot has published a description of a version that has no lock. Nothing was changed."
            " [A new dated version](../blob/HEAD/docs/updating.md#a-new-dated-version) says how to follow it, or close"
            " this issue if it is not to be followed: it is not opened again."
        )
    text.add([source, *old.introduction()], command.table(found))


def _line(problem: PipelineError) -> str:
    return " ".join((problem.heading, *problem.lines))


def _previous(path: Path | None, now: datetime.datetime) -> dict[str, Seen]:
    return {} if path is None else read_state(path.read_text(encoding="utf-8"), now)


def read_state(text: str, now: datetime.datetime) -> dict[str, Seen]:
    """Return what the text of a pull request knows of earlier runs, by version.

    An entry that is damaged, or of a later time, counts as none: then its breaking changes wait again.
    """
    match = _STATE.match(text.partition("\n")[0])
    try:
        entries = json.loads(match[1]) if match else {}
    except (ValueError, RecursionError):
        return {}
    found: dict[str, Seen] = {}
    for version, entry in entries.items():
        with contextlib.suppress(KeyError, TypeError, ValueError):
            since = datetime.datetime.fromisoformat(entry["since"])
            seen = Seen(str(entry["sha256"]), str(entry["revision"]), str(entry["breaking"]), since)
            is_valid = _DIGEST.fullmatch(seen.sha256) and lockfile.REVISION.fullmatch(seen.revision)
            if is_valid and since <= now:
                found[version] = seen
    return found
