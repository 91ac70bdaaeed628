"""Modules of the extra `cli` that may not be installed."""

from __future__ import annotations

import importlib.util


def missing_module(feature: str, *modules: str) -> str | None:
    """Return how to install a module that the emulator needs, or None if all are installed."""
    for module in ("python_multipart", *modules):
        if importlib.util.find_spec(module) is None:
            name = module.replace("_", "-")
            return f'the {feature} needs {name}; install it with: pip install "hubspot-files[cli]"'
    return None
