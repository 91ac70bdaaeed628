"""Download a HubSpot folder to a directory. Run it again to update the copy, or to go on after an interruption."""

from __future__ import annotations

import sys

from hubspot_files import HubSpotFiles

with HubSpotFiles() as hubspot:
    report = hubspot.transfers.download_folder(sys.argv[1], sys.argv[2])
    print(report)
    report.raise_for_failures()
