"""Input and output over httpx: drivers, connections, and how requests are put together."""
