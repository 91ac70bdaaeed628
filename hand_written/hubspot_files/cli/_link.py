"""`hubspot-files link`."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import click

from .. import Folder, NotFoundError, SignedUrlSizeName
from ._command import Session, command
from ._errors import DONE, MISUSE, CommandError
from ._parameters import LIFE, TARGET, Target
from ._records import look_up
from ._text import duration_text, printable, zoned_time_text

# A life that is shorter by less than this is the time of the request.
_TOLERANCE: Final = timedelta(minutes=1)


@command(
    "hubspot-files link hubspot:/library/offer.pdf",
    "hubspot-files link --expires-in 10min 122692044085",
    "hubspot-files link hubspot:/cat.png --size thumb",
)
@click.argument("targets", metavar="TARGET...", type=TARGET, nargs=-1, required=True)
@click.option(
    "--expires-in",
    type=LIFE,
    default="1h",
    show_default=True,
    help="Life of the link, such as 10min or 6h. HubSpot was seen to give 6 h at most.",
)
@click.option(
    "--size", type=click.Choice(["icon", "thumb", "medium", "preview"]), help="Link to a scaled image of this size."
)
def link(
    session: Session, *, targets: tuple[Target, ...], expires_in: timedelta, size: SignedUrlSizeName | None
) -> int:
    """Make a link to a private file, which expires.

    Anyone who has the link can fetch the file until then. HubSpot shortens a life of more than 6 hours, and a warning
    says so.
    """
    if expires_in < timedelta(seconds=1):
        raise CommandError("--expires-in must be one second or more", MISUSE)
    output = session.output
    with session.connect() as hubspot:
        for target in targets:
            file = look_up(hubspot, target)
            if isinstance(file, Folder):
                raise CommandError(f"{target} is a folder; a link leads to a file", MISUSE)
            try:
                signed = hubspot.files.signed_url(file.id, expires_in=expires_in, size=size)
            except NotFoundError as error:
                raise CommandError(
                    f"HubSpot makes no link to {target}: it is sensitive, or deleted. Download it instead."
                ) from error
            remaining = round(signed.remaining().total_seconds())
            if output.json:
                fields = {"kind": "link", "id": file.id, "path": file.path, "url": signed.url}
                times = {"expires_at": signed.expires_at.isoformat(), "seconds": remaining}
                output.record({**fields, **times, "requested_seconds": round(expires_in.total_seconds())})
                continue
            output.line(signed.url)
            life = duration_text(timedelta(seconds=remaining))
            text = f"{printable(file.full_name)}: works for {life}, until {zoned_time_text(signed.expires_at)}"
            if timedelta(seconds=remaining) + _TOLERANCE < expires_in:
                output.warn(f"{text}. You asked for {duration_text(expires_in)}, but HubSpot gave {life}.")
            else:
                output.note(text)
    return DONE
