"""Files and folders of HubSpot: looked up by their targets, as JSON, and as lines for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, TypeAlias

from .. import File, Folder, HubSpotFiles, NotFoundError
from ._errors import CommandError
from ._outages import foreign_response_text
from ._output import Output
from ._parameters import Target, remote
from ._text import count_text, printable, size_text, time_text

Record: TypeAlias = "File | Folder"

# Length of the date in a time.
_DATE: Final = 10
_COLORS: Final = {"PUBLIC_INDEXABLE": "yellow", "PUBLIC_NOT_INDEXABLE": "yellow", "SENSITIVE": "cyan"}


def look_up(hubspot: HubSpotFiles, target: Target) -> Record:
    """Return the file or the folder that a target names.

    Raises:
        CommandError: nothing is at the path.
    """
    try:
        if target.path is None:
            return hubspot.files.get(str(target.file_id))
        stat = hubspot.files.stat(target.path)
    except NotFoundError as error:
        if foreign_response_text(error) is not None:
            raise
        if target.path is None:
            raise CommandError(
                f"there is no file with the id {target.file_id}, or the token has no access to it"
            ) from None
        parent = target.path.rpartition("/")[0] or "/"
        raise CommandError(
            f"there is nothing at {target}. See what is there: hubspot-files ls {remote(parent)}"
        ) from None
    found = stat.file or stat.folder
    assert found is not None
    return found


def as_json(record: Any) -> dict[str, Any]:
    """Return a record as JSON. All keys are always there; a value that HubSpot does not tell is null."""
    shared = {
        "id": record.id,
        "path": record.path,
        "created_at": _iso(record.created_at),
        "updated_at": _iso(record.updated_at),
    }
    if not isinstance(record, File):
        return {"kind": "folder", "name": record.name, **shared}
    expiry = expires_at(record)
    return {
        "kind": "file",
        "name": record.full_name,
        **shared,
        "expires_at": _iso(expiry),
        "size": record.size,
        "access": None if record.access is None else record.access.value,
        "type": record.type_,
        "md5": record.file_md5,
        "width": record.width,
        "height": record.height,
        "source": None if record.source_group is None else record.source_group.value,
        "url": record.url,
    }


def _iso(time: datetime | None, timespec: str = "auto") -> str | None:
    return None if time is None else time.isoformat(timespec=timespec)


def expires_at(file: File) -> datetime | None:
    """Return the time at which HubSpot deletes a file, or None."""
    return None if file.expires_at is None else datetime.fromtimestamp(file.expires_at / 1000, UTC)


def access_text(file: File) -> str:
    """Return an access level as users write it, or `?`."""
    return "?" if file.access is None else file.access.value.lower().replace("_", "-")


def write_records(output: Output, records: Iterable[Any], *, full_path: bool = True, total: bool = True) -> int:
    """Write a line for each file or folder, and return their number.

    On a terminal, the columns are as wide as their content, and a last line has the totals. In a pipe, each line is
    written as the record arrives.

    Args:
        output: output of the command.
        records: the files and folders.
        full_path: whether people see the paths, or only the names.
        total: whether people see the totals.
    """
    if output.terminal:
        rows = list(records)
        _write_table(output, rows, full_path=full_path)
        if total and rows:
            output.line(output.styled(_total(rows), dim=True))
        return len(rows)
    count = 0
    for record in records:
        count += 1
        if output.json:
            output.record(as_json(record))
        else:
            output.line(_plain(record))
    return count


def _plain(record: Any) -> str:
    """Return the line of a record in a pipe, with tabs between the fields."""
    path = printable(record.path or record.id)
    time = _iso(record.updated_at, "seconds") or ""
    if not isinstance(record, File):
        return f"folder\t\t{time}\thubspot:{path}/"
    return f"{access_text(record)}\t{'' if record.size is None else record.size}\t{time}\thubspot:{path}"


class _Row(NamedTuple):
    """The cells of a record on a terminal, and their styles."""

    access: str
    size: str
    time: str
    name: str
    access_style: dict[str, Any]
    name_style: dict[str, Any]


def _row(record: Any, *, full_path: bool) -> _Row:
    path, time = printable(record.path or record.id), time_text(record.updated_at)
    if not isinstance(record, File):
        name = f"{path if full_path else printable(record.name or path)}/"
        return _Row("folder", "", time, name, {}, {"fg": "blue", "bold": True})
    name = path if full_path else printable(record.full_name)
    style = {"fg": _COLORS.get(record.access or "")}
    return _Row(access_text(record), size_text(record.size), time, name, style, {})


def _write_table(output: Output, records: Iterable[Any], *, full_path: bool) -> None:
    """Write the rows of records for people.

    If they do not fit, times become dates. A path that does not fit then, either, has a line of its own.
    """
    rows = [_row(record, full_path=full_path) for record in records]
    access_width, size_width = (max((len(row[cell]) for row in rows), default=0) for cell in (0, 1))
    left = output.width - access_width - size_width - 6
    if any(len(row.time) + len(row.name) > left for row in rows):
        rows = [row._replace(time=row.time[:_DATE]) for row in rows]
    for row in rows:
        name = output.styled(row.name, **row.name_style) if row.name_style else row.name
        if output.narrow:
            output.line(name)
            if row.size:
                output.line(f"  {row.size}, {output.styled(row.access, **row.access_style)}, {row.time[:_DATE]}")
            continue
        access = output.styled(f"{row.access:<{access_width}}", **row.access_style)
        columns = f"{access}  {row.size:>{size_width}}  {row.time}"
        fits = len(row.time) + len(row.name) <= left
        for line in [f"{columns}  {name}"] if fits else [columns, f"    {name}"]:
            output.line(line)


def _total(records: Sequence[Any]) -> str:
    """Return the number of files and folders, their bytes, and the time zone of the listing."""
    files = [record for record in records if isinstance(record, File)]
    folders = len(records) - len(files)
    parts = [count_text(folders, "folder")] if folders else []
    parts += [count_text(len(files), "file"), size_text(sum(file.size or 0 for file in files))] if files else []
    return f"{', '.join(parts)}; times in {datetime.now().astimezone():%Z}"
