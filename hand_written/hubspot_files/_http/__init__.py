"""Input and output over httpx: drivers, connections, and the building of requests."""
