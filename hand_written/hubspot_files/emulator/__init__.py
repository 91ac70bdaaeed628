"""An emulated HubSpot Files API; `hubspot_files.testing` exports its public names."""

from __future__ import annotations
