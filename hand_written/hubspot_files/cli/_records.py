"""Files and folders of HubSpot: looked up by their targets, as JSON, and as lines for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, TypeAlias

from .. import File, Folder, HubSpotFiles, NotFoundError
from ._errors import CommandError
from ._output import Output
from ._parameters import Target, remote
from ._text import printable, size_text, time_text

Record: TypeAlias = "File | Folder"

_COLORS = {"PUBLIC_INDEXABLE": "yellow", "PUBLIC_NOT_INDEXABLE": "yellow", "SENSITIVE": "cyan"}


def look_up(hubspot: HubSpotFiles, target: Target) -> Record:
    """Return the file or the folder that a target names.

    Raises:
        CommandError: nothing is at the path.
    """
    try:
        if target.path is None:
            return hubspot.files.get(str(target.file_id))
        stat = hubspot.files.stat(target.path)
    except NotFoundError:
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


def write_records(output: Output, records: Iterable[Any], *, full_path: bool = True) -> int:
    """Write a line for each file or folder as it arrives, and return their number.

    Args:
        output: output of the command.
        records: the files and folders.
        full_path: whether people see the paths, or only the names.
    """
    count = 0
    for record in records:
        count += 1
        if output.json:
            output.record(as_json(record))
        else:
            for line in _lines(output, record, full_path=full_path):
                output.line(line)
    return count


def _lines(output: Output, record: Any, *, full_path: bool) -> Iterator[str]:
    """Return the lines of a record for people, or of a plain line in a pipe, with tabs between the fields."""
    path = printable(record.path or record.id)
    if not isinstance(record, File):
        name = f"{path if full_path else printable(record.name or path)}/"
        if not output.terminal:
            yield f"folder\t\t{_iso(record.updated_at, 'seconds') or ''}\thubspot:{path}/"
        elif output.narrow:
            yield output.styled(name, fg="blue", bold=True)
        else:
            yield f"{'folder':<20} {'':>9}  {time_text(record.updated_at)}  {output.styled(name, fg='blue', bold=True)}"
        return
    name = path if full_path else printable(record.full_name)
    access = access_text(record)
    if not output.terminal:
        size = "" if record.size is None else record.size
        yield f"{access}\t{size}\t{_iso(record.updated_at, 'seconds') or ''}\thubspot:{path}"
        return
    color = _COLORS.get(record.access or "")
    if output.narrow:
        yield name
        colored = output.styled(access, fg=color)
        yield f"  {size_text(record.size)}, {colored}, {time_text(record.updated_at)[:10]}"
    else:
        colored = output.styled(f"{access:<20}", fg=color)
        yield f"{colored} {size_text(record.size):>9}  {time_text(record.updated_at)}  {name}"
