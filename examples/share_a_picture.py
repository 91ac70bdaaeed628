"""Upload a private picture, and print a link that works for ten minutes."""

from __future__ import annotations

import sys
from datetime import timedelta

from hubspot_files import HubSpotFiles

with HubSpotFiles() as hubspot:  # the token is in HUBSPOT_ACCESS_TOKEN
    file = hubspot.files.upload(sys.argv[1], folder_path="/library/cat_archive")
    signed = hubspot.files.signed_url(file.id, expires_in=timedelta(minutes=10))
    print(f"{file.path} until {signed.expires_at:%H:%M} UTC: {signed.url}")
