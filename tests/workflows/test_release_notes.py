"""A tag is released if it is the version, the changelog has its section, and the artifacts are of this version."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest

from .conftest import ROOT

CHANGELOG = """# Changelog

## 1.3.0 (unreleased)

- Next.

## 1.2.0 (2026-02-03)

- A thing.

### Fixed

- Another.

## 1.1.0 (2026-01-02)

"""
ARTIFACTS = ("hubspot_files-1.2.0-py3-none-any.whl", "hubspot_files-1.2.0.tar.gz")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    package = tmp_path / "hand_written" / "hubspot_files"
    package.mkdir(parents=True)
    (package / "_version.py").write_text('"""The version."""\n\n__version__ = "1.2.0"\n')
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    (tmp_path / "dist").mkdir()
    for name in ARTIFACTS:
        (tmp_path / "dist" / name).touch()
    return tmp_path


def test_the_notes_are_the_section_of_the_version(checkout: Path, release_notes: ModuleType) -> None:
    expected = "- A thing.\n\n### Fixed\n\n- Another."
    assert release_notes.notes("v1.2.0", checkout, checkout / "dist") == expected


def test_what_cannot_be_released_is_refused(checkout: Path, release_notes: ModuleType) -> None:
    def refused(tag: str = "v1.2.0") -> str:
        with pytest.raises(SystemExit) as error:
            release_notes.notes(tag, checkout, checkout / "dist")
        return str(error.value)

    for tag in ("v1.2.1", "1.2.0", "v1.2.0 ", "v1.2.0-rc1", ""):
        assert refused(tag) == f"the tag is {tag}, and hand_written/hubspot_files/_version.py says 1.2.0: tag v1.2.0"
    changelog = checkout / "CHANGELOG.md"
    for old, new, reason in (
        (
            "1.2.0 (2026-02-03)",
            "1.2.0 (unreleased)",
            "needs the section '## 1.2.0 (YYYY-MM-DD)'",
        ),
        ("1.2.0 (2026-02-03)", "1.2.0", "and has '## 1.2.0'"),
        ("1.2.0 (2026-02-03)", "1.2.00 (2026-02-03)", "and has '## '"),
        ("- A thing.\n\n### Fixed\n\n- Another.\n", "", "the section '## 1.2.0 (2026-02-03)' of CHANGELOG.md is empty"),
    ):
        changelog.write_text(CHANGELOG.replace(old, new))
        assert reason in refused()
    changelog.write_text(CHANGELOG)
    (checkout / "dist" / "hubspot_files-1.1.0.tar.gz").touch()
    assert "dist holds hubspot_files-1.1.0.tar.gz, hubspot_files-1.2.0-py3-none-any.whl" in refused()


def test_the_changelog_of_this_checkout_begins_with_its_version() -> None:
    [version] = re.findall(r'__version__ = "(.+)"', (ROOT / "hand_written/hubspot_files/_version.py").read_text())
    [title, *_] = re.findall("^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert re.fullmatch(rf"{re.escape(version)} \((unreleased|20\d\d-[01]\d-[0-3]\d)\)", title)
