"""Media types by file name extension, independent of the machine."""

from __future__ import annotations

import functools
import mimetypes
import os

# Extensions that Python's table lacks, or that differ between its versions. Compressed content has the type of the
# compression. For cat.tar.gz, `mimetypes` names application/x-tar, which is the type of the decompressed content.
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
    """Return the media type of a file by its extension, or application/octet-stream if the extension is unknown."""
    return _types().get(os.path.splitext(name)[1].lower(), "application/octet-stream")


@functools.cache
def _types() -> dict[str, str]:
    # `mimetypes.guess_type` would read tables of the machine, such as the registry of Windows, where a .csv can be an
    # application/vnd.ms-excel. It would also treat the name as a URL.
    others, standard = mimetypes.MimeTypes().types_map
    return {**others, **standard, **_MORE_TYPES}
