"""The application's tests. They need no account, no token and no network."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from invoices import link_to_invoice, send_invoices

from hubspot_files.testing import Emulator


@pytest.fixture(autouse=True)
def hubspot(hubspot_emulator: Emulator) -> Emulator:
    return hubspot_emulator


@pytest.fixture
def invoice(tmp_path: Path) -> Path:
    path = tmp_path / "2026-001.pdf"
    path.write_bytes(b"%PDF-1.7 You owe us a cat.")
    return path


def test_an_invoice_is_private(hubspot: Emulator, invoice: Path) -> None:
    link_to_invoice(invoice, "acme")

    [file] = hubspot.files
    assert (file.path, file.access) == ("/invoices/acme/2026-001.pdf", "PRIVATE")
    assert file.content == invoice.read_bytes()


def test_the_link_works_for_half_an_hour(hubspot: Emulator, invoice: Path) -> None:
    link = link_to_invoice(invoice, "acme")

    assert httpx.get(link).content == invoice.read_bytes()
    hubspot.clock.advance(30 * 60)
    assert httpx.get(link).status_code == 403


def test_short_failures_are_retried(hubspot: Emulator, invoice: Path) -> None:
    hubspot.fail("reset", operation="uploadFile", after_effect=True)
    hubspot.fail(status=503, operation="getSignedUrl", count=2)

    assert len(send_invoices(invoice.parent, "acme")) == 1
    assert len(hubspot.files) == 1
    assert not invoice.exists()


def test_an_invoice_stays_while_hubspot_is_down(hubspot: Emulator, invoice: Path) -> None:
    outage = hubspot.fail(status=503, count=None)

    assert send_invoices(invoice.parent, "acme") == []
    assert invoice.exists()

    outage.cancel()
    assert len(send_invoices(invoice.parent, "acme")) == 1
