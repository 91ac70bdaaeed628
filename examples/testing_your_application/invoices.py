"""An application that keeps invoices at HubSpot and mails links to them."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from hubspot_files import HubSpotFiles, HubSpotFilesError

LINK_LIVES = timedelta(minutes=30)


def link_to_invoice(invoice: Path, customer: str) -> str:
    """Store an invoice in the customer's folder, and return a link that works for half an hour."""
    with HubSpotFiles() as hubspot:
        file = hubspot.files.upload(invoice, folder_path=f"/invoices/{customer}")
        return hubspot.files.signed_url(file.id, expires_in=LINK_LIVES).url


def send_invoices(folder: Path, customer: str) -> list[str]:
    """Upload the invoices of a folder and return links to them. Those that cannot be uploaded stay in the folder."""
    links = []
    for invoice in sorted(folder.glob("*.pdf")):
        try:
            links.append(link_to_invoice(invoice, customer))
        except HubSpotFilesError:
            continue
        os.remove(invoice)
    return links
