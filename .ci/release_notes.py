"""Checks that a tag can be released, and prints its section of the changelog: `release_notes.py TAG [DIST]`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def notes(tag: str, root: Path = ROOT, dist: Path | None = None) -> str:
    """Return the section of a tag in the changelog.

    Args:
        tag: The name of the tag.
        root: The checkout.
        dist: The folder with the built wheel and sdist, which have to be of this version, and nothing else.

    Raises:
        SystemExit: It cannot be released; the message says what to change.
    """
    module = root / "hand_written" / "hubspot_files" / "_version.py"
    [version] = re.findall(r'^__version__ = "(.+)"$', module.read_text(encoding="utf-8"), re.MULTILINE)
    if tag != f"v{version}":
        raise SystemExit(f"the tag is {tag}, and {module.relative_to(root).as_posix()} says {version}: tag v{version}")
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    sections = re.split(r"^## +(.+)$", changelog, flags=re.MULTILINE)
    found = {
        title.split()[0]: (title, text.strip()) for title, text in zip(sections[1::2], sections[2::2], strict=True)
    }
    title, text = found.get(version, ("", ""))
    if not re.fullmatch(rf"{re.escape(version)} \(20\d\d-[01]\d-[0-3]\d\)", title):
        raise SystemExit(f"CHANGELOG.md needs the section '## {version} (YYYY-MM-DD)', and has '## {title}'")
    if not text:
        raise SystemExit(f"the section '## {title}' of CHANGELOG.md is empty")
    if dist is not None:
        names = sorted(path.name for path in dist.iterdir())
        wanted = [f"hubspot_files-{version}-py3-none-any.whl", f"hubspot_files-{version}.tar.gz"]
        if names != wanted:
            raise SystemExit(f"{dist} holds {', '.join(names) or 'nothing'} instead of {' and '.join(wanted)}")
    return text


if __name__ == "__main__":
    print(notes(sys.argv[1], dist=Path(sys.argv[2]) if len(sys.argv) > 2 else None))
