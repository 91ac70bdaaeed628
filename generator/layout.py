"""Paths: the description that is read, the pipeline's own files, and the client that is written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
CONFIGURATION = HERE / "writing" / "config.yaml"
NAMING = HERE / "writing" / "naming.py"
TEMPLATE_PATCHES = HERE / "writing" / "template_patches"
VERSIONS_MODULE = HERE / "writing" / "versions_module.py"
READING_MODULE = HERE / "writing" / "reading_module.py"
PINS = HERE / "requirements.in"

PACKAGE = "hubspot_files_api"
LOCK = "generation.lock.json"
COMMAND = "python -m generator regenerate"
INSTALL = "python -m pip install --require-hashes -r generator/requirements.txt"


@dataclass(frozen=True)
class Layout:
    """The files of one checkout that the pipeline reads and writes."""

    root: Path

    @property
    def description(self) -> Path:
        """The description of the API, the only source of the client."""
        return self.root / "openapi" / "files-v3.yaml"

    @property
    def locks(self) -> Path:
        """The folder with a lock for each followed version: the contract of its published description."""
        return self.root / "openapi" / "published"

    def lock(self, version: str) -> Path:
        """The contract of a version's published description that ours was last reconciled with."""
        return self.locks / f"{version}.json"

    @property
    def divergences(self) -> Path:
        """Every deliberate difference of our description from the published ones, with its reason."""
        return self.root / "openapi" / "divergences.yaml"

    @property
    def target(self) -> Path:
        """The folder that the pipeline owns: the client's package and the lock beside it."""
        return self.root / "generated_client"


CHECKOUT = Layout(HERE.parent)
