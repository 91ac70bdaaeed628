"""File names and types of media: extension, HubSpot's file type, content type, width and height."""

from __future__ import annotations

import struct
from mimetypes import MimeTypes
from typing import Final

_EXTENSIONS: Final = {
    "IMG": "apng avif bmp gif heic ico jfif jpeg jpg png svg tif tiff webp",
    "DOCUMENT": "csv doc docx key numbers odp ods odt pages pdf ppt pptx rtf txt xls xlsx",
    "AUDIO": "aac aiff flac m4a mp3 oga ogg opus wav wma",
    "MOVIE": "avi m4v mkv mov mp4 mpeg mpg ogv webm wmv",
}
_TYPE_OF: Final = {extension: type_ for type_, names in _EXTENSIONS.items() for extension in names.split()}
# Without arguments the table is Python's own: the machine's mime.types files are not read.
_MIME_TYPES: Final = MimeTypes()
# Start-of-frame markers: all of C0 to CF but DHT, JPG and DAC.
_JPEG_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def split_name(filename: str) -> tuple[str, str]:
    """Split into name and extension without its dot: `("cat", "png")`, `(".profile", "")`."""
    stem, dot, extension = filename.rpartition(".")
    if not dot or not stem or not extension:
        return filename, ""
    return stem, extension


def join_name(name: str, extension: str) -> str:
    """Join a name and an extension."""
    return f"{name}.{extension}" if extension else name


def file_type(extension: str) -> str:
    """Return HubSpot's file type: IMG, DOCUMENT, AUDIO, MOVIE or OTHER."""
    return _TYPE_OF.get(extension.lower(), "OTHER")


def content_type(extension: str, charset: str | None) -> str:
    """Return the Content-Type that a content is served with."""
    guessed, _ = _MIME_TYPES.guess_type(f"x.{extension}") if extension else (None, None)
    if guessed is None:
        return "application/octet-stream"
    return f"{guessed}; charset={charset}" if charset and guessed.startswith("text/") else guessed


def _jpeg(content: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", content, at + 5)
            return int(width), int(height)
        standalone = marker == 0x01 or 0xD0 <= marker <= 0xD8
        # A fill byte is one more 0xFF before the marker.
        at += 1 if marker == 0xFF else 2 if standalone else 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return None


def dimensions(content: bytes) -> tuple[int, int] | None:
    """Read width and height in pixels of a PNG, GIF or JPEG, None for anything else."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR" and len(content) >= 24:
        width, height = struct.unpack_from(">II", content, 16)
        return int(width), int(height)
    if content[:6] in (b"GIF87a", b"GIF89a") and len(content) >= 10:
        width, height = struct.unpack_from("<HH", content, 6)
        return int(width), int(height)
    if content.startswith(b"\xff\xd8"):
        return _jpeg(content)
    return None
