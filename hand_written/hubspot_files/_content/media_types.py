"""Media types by file name extension, the same on every machine."""

from __future__ import annotations

import functools
import mimetypes
import os

# Extensions of which Python's own table says nothing, or not the same in all versions. Compressed content is named by
# how it is compressed: what `mimetypes` says of cat.tar.gz, application/x-tar, is what comes out of it.
_MORE_TYPES = {
    ".7z": "application/x-7z-compressed",
    ".bz2": "application/x-bzip2",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".epub": "application/epub+zip",
    ".gz": "application/gzip",
    ".js": "text/javascript",
    ".m4a": "audio/mp4",
    ".md": "text/markdown",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ogg": "audio/ogg",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".rtf": "application/rtf",
    ".svgz": "application/gzip",
    ".taz": "application/gzip",
    ".tbz2": "application/x-bzip2",
    ".tgz": "application/gzip",
    ".txz": "application/x-xz",
    ".tz": "application/gzip",
    ".webp": "image/webp",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xz": "application/x-xz",
    ".z": "application/x-compress",
    ".zst": "application/zstd",
}


def content_type(name: str) -> str:
    """The MIME type of a file by its extension, the same on every machine; else application/octet-stream."""
    return _types().get(os.path.splitext(name)[1].lower(), "application/octet-stream")


@functools.cache
def _types() -> dict[str, str]:
    # Not `mimetypes.guess_type`: that reads tables of the machine, such as the registry of Windows, by which a .csv may
    # be an application/vnd.ms-excel; and it takes a name for a URL.
    others, standard = mimetypes.MimeTypes().types_map
    return {**others, **standard, **_MORE_TYPES}
