"""`python -m hubspot_files.cli` is the command `hubspot-files`."""

from __future__ import annotations

from . import main

raise SystemExit(main())
