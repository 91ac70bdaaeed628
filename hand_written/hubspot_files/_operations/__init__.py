"""Calls of the API, which are prepared with the generated client, and the readers of their responses."""
