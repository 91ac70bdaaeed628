"""`hubspot-files stat`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from ._command import Session, command
from ._errors import DONE
from ._parameters import TARGET, Target
from ._records import as_json, look_up
from ._text import printable, size_text, zoned_time_text


@command("hubspot-files stat hubspot:/library/cat.png", "hubspot-files stat --json 122692044085")
@click.argument("targets", metavar="TARGET...", type=TARGET, nargs=-1, required=True)
def stat(session: Session, *, targets: tuple[Target, ...]) -> int:
    """Show all that HubSpot knows of a file or a folder.

    TARGET is a path such as hubspot:/library/cat.png, or the id of a file.
    """
    output = session.output
    with session.connect() as hubspot:
        for number, target in enumerate(targets):
            fields = as_json(look_up(hubspot, target))
            if output.json:
                output.record(fields)
                continue
            if number:
                output.line("")
            for name, value in fields.items():
                if value is not None:
                    output.line(f"{output.styled(f'{name:<10}', bold=True)} {_text(name, value)}")
    return DONE


def _text(name: str, value: Any) -> str:
    if name == "size" and value >= 1000:
        return f"{value:,} bytes ({size_text(value)})"
    if name == "size":
        return f"{value} bytes"
    if name.endswith("_at"):
        return zoned_time_text(datetime.fromisoformat(value))
    return printable(str(value))
