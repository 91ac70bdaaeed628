"""`python -m hubspot_files.cli`, the command `hubspot-files`."""

from __future__ import annotations

from . import main

raise SystemExit(main())
