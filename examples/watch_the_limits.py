"""Read the rate limit of the account from the headers of every answer."""

from __future__ import annotations

from hubspot_files import HubSpotFiles, ResponseInfo


def show(answer: ResponseInfo) -> None:
    """Print what is left of the account's limit."""
    left = answer.headers.get("x-hubspot-ratelimit-remaining", "unknown")
    print(f"{answer.method} {answer.path}: {answer.status_code} in {answer.seconds:.3f} s, {left} requests left")


with HubSpotFiles() as hubspot:
    for folder in hubspot.with_options(on_response=show).folders.search(max_items=20):
        print(folder.path)
