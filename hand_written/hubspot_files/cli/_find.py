"""`hubspot-files find`."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final

import click

from .. import File
from ._command import Session, command
from ._errors import DONE
from ._parameters import DURATION, LEVELS, REMOTE_PATH, SIZE, remote
from ._progress import Counter
from ._records import access_text, write_records
from ._sorting import in_order, sort_options
from ._text import printable

_PUBLIC: Final = {"public-indexable", "public-not-indexable"}


@command(
    "hubspot-files find --access public",
    "hubspot-files find hubspot:/library --larger 10MB",
    "hubspot-files find --sort size --max 20",
    "hubspot-files find --name '*.pdf' --older 1y",
    "hubspot-files find --type IMG --json",
)
@click.argument("folder", type=REMOTE_PATH, default="hubspot:/", metavar="[FOLDER]")
@click.option(
    "--access",
    type=click.Choice(["public", *LEVELS], case_sensitive=False),
    multiple=True,
    metavar="LEVEL",
    help=f"With this access level: {', '.join(LEVELS)}, or public for both public ones. May be repeated.",
)
@click.option("--larger", type=SIZE, help="Of this size or more, such as 10MB.")
@click.option("--smaller", type=SIZE, help="Of this size or less.")
@click.option("--older", type=DURATION, help="Last changed longer ago than this, such as 30d or 1y.")
@click.option("--newer", type=DURATION, help="Changed within this time.")
@click.option(
    "--type",
    "kind",
    type=click.Choice(["IMG", "DOCUMENT", "AUDIO", "MOVIE", "OTHER"], case_sensitive=False),
    metavar="TYPE",
    help="Of this type: IMG, DOCUMENT, AUDIO, MOVIE or OTHER.",
)
@click.option(
    "--name", metavar="PATTERN", help="With such a name, such as '*.pdf'. Quote it. Its case does not matter."
)
@click.option("--md5", metavar="HEX", help="With this MD5 of the content.")
@click.option(
    "--max",
    "maximum",
    type=click.IntRange(1),
    metavar="NUMBER",
    help="Stop after so many; with --sort, the first ones.",
)
@sort_options
def find(
    session: Session,
    *,
    folder: str,
    access: tuple[str, ...],
    larger: int | None,
    smaller: int | None,
    older: timedelta | None,
    newer: timedelta | None,
    kind: str | None,
    name: str | None,
    md5: str | None,
    maximum: int | None,
    sort: str | None,
    reverse: bool,
) -> int:
    """Find files by access, size, age, type, name or MD5.

    It looks in FOLDER, by default in the whole account, and in all folders below. All conditions must be met. In a
    pipe, it prints one path per line, which other commands take, as HubSpot returns them unless you pass --sort. Hidden
    files are not found, and new ones after a delay.
    """
    wanted = {level for each in access for level in (_PUBLIC if each == "public" else {each})}
    now = datetime.now(UTC)
    # None if both public and private files are wanted.
    public = bool(wanted & _PUBLIC) if wanted and (wanted <= _PUBLIC or not wanted & _PUBLIC) else None
    filters: dict[str, Any] = {
        # HubSpot looks for the conditions that it knows; the others are checked here.
        "allows_anonymous_access": public,
        "size_gte": larger,
        "size_lte": smaller,
        "updated_at_lte": None if older is None else now - older,
        "updated_at_gte": None if newer is None else now - newer,
        "type": kind,
        "file_md5": md5,
    }

    def matching(files: Iterator[File]) -> Iterator[File]:
        for file in files:
            if wanted and access_text(file) not in wanted:
                continue
            if name is not None and not fnmatch.fnmatchcase(file.full_name.lower(), name.lower()):
                continue
            yield file

    output = session.output
    with session.connect() as hubspot:
        found: Iterable[File] = matching(iter(hubspot.files.walk(folder, **filters)))
        sorts = sort is not None or reverse
        if not sorts:
            found = islice(found, maximum)
        if sorts or output.terminal:
            with Counter(output, "files found") as counter:
                found = in_order(counter.counted(found), sort, reverse=reverse, most=maximum)
        if output.terminal or output.json:
            count = write_records(output, found)
            if not count and output.terminal:
                output.note(f"There is no such file in {remote(folder)}.")
        else:
            for file in found:
                output.line(printable(remote(file.path)))
    return DONE
