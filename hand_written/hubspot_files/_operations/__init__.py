"""Calls of the API, prepared with the generated client, and how their responses are read."""
