"""An application that does not know whether it reaches HubSpot or the emulator."""

from __future__ import annotations

from hubspot_files import HubSpotFiles


def main() -> None:
    """Store a file, and read it by a signed URL."""
    with HubSpotFiles() as hubspot:
        file = hubspot.files.upload(b"Hello from a container.", name="hello.txt", folder_path="/greetings")
        print(file.path, hubspot.files.signed_url(file.id).url.partition("?")[0])
        print(hubspot.files.read(file.id).decode())


if __name__ == "__main__":
    main()
