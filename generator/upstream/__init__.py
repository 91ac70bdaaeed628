"""Following upstream: what HubSpot changed, what is written into our description, and what differs on purpose."""
