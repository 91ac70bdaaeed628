"""Which revision of HubSpot's published description this client was last reconciled with."""

__spec_revision__ = "2026-08-17"
