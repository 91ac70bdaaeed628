"""Print the rate limit of the account from the headers of each response."""

from __future__ import annotations

from hubspot_files import HubSpotFiles, ResponseInfo


def print_limit(response: ResponseInfo) -> None:
    """Print the remaining requests of the account's limit."""
    remaining = response.headers.get("x-hubspot-ratelimit-remaining", "unknown")
    request = f"{response.method} {response.path}"
    print(f"{request}: {response.status_code} in {response.seconds:.3f} s, {remaining} requests remaining")


with HubSpotFiles(on_response=print_limit) as hubspot:
    for folder in hubspot.folders.search(max_items=20):
        print(folder.path)
