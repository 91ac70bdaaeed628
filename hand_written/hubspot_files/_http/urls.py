"""Validation of URLs, methods and paths, and the URLs to which secrets may be sent."""

from __future__ import annotations

import ipaddress
import re
import socket
from urllib.parse import urlsplit

import httpx

from .._errors import ArgumentTypeError, ArgumentValueError
from .._redaction import redacted
from .._validation import shown

# The beginning of the tokens of the emulator. HubSpot's have the name of a data center there, such as `pat-na1-`.
EMULATOR_TOKEN = "pat-emu-"
_LOCAL_NAMES = ("localhost", "localhost4", "localhost6", "ip6-localhost", "ip6-loopback")
# The end of a base URL that contains a part of the paths of all operations.
_API_PATH = re.compile(r"/files(/(v\d+|\d{4}-\d{2}(-[a-z]+)?))?/*$")


def is_trusted(url: str, *, emulated: bool = False) -> bool:
    """Return whether a URL is https, or http to this machine.

    Args:
        url: the URL.
        emulated: whether the token is an emulator's, and no secret. Then http to any host is trusted.
    """
    try:
        # httpx, which sends the request, determines the host. The URL must be valid for urlsplit, too.
        parts = httpx.URL(url)
        urlsplit(url)
    except (httpx.InvalidURL, ValueError):
        return False
    if not parts.host or not 0 < (443 if parts.port is None else parts.port) < 65536:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and (emulated or is_loopback(parts.host)))


def may_lead(url: str, to: str) -> bool:
    """Return whether to follow a URL in a response: not from https to http, nor from another machine to this one.

    Args:
        url: trusted URL of the API or of a redirecting host. If it is http to another machine, there is an emulator.
        to: URL in its response.
    """
    source = httpx.URL(url)
    if source.scheme == "http" and not is_loopback(source.host) and is_trusted(to, emulated=True):
        target = httpx.URL(to)
        if (target.scheme, target.host) == ("http", source.host):
            return True
    if not is_trusted(to):
        return False
    target = httpx.URL(to)
    if target.scheme == "http" and source.scheme != "http":
        return False
    return is_loopback(source.host) or not _is_this_machine(target.host)


def why_not(url: str, to: str) -> str:
    """Return the reason for which `may_lead` is False, without secrets."""
    if not is_trusted(to, emulated=True):
        return "it is not a valid URL of https"
    source, target = httpx.URL(url), httpx.URL(to)
    reason = f"it leads to {target.host} without https"
    if not is_loopback(source.host) and _is_this_machine(target.host):
        reason = f"it leads from {source.host} to this machine ({target.host})"
    if source.scheme == "http":
        reason += f"; start the emulator with a --base-url and a --storage-url on {source.host}"
    return reason


def _is_this_machine(host: str) -> bool:
    """Return whether a host is this machine, in any form that a resolver accepts, such as 127.1, [::] or localhost.

    Other names are not resolved, because their addresses can change before they are used.
    """
    name = host.rstrip(".").lower()
    if name in _LOCAL_NAMES or name.endswith((".localhost", ".localdomain")):
        return True
    try:
        address: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(name)
    except ValueError:
        try:
            address = ipaddress.IPv4Address(socket.inet_aton(name))
        except (OSError, UnicodeError):
            return False
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    # 0.0.0.0/8, not only 0.0.0.0, is "this host on this network".
    return address.is_loopback or address.is_unspecified or (address.version == 4 and int(address) < 1 << 24)


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine: localhost, 127.0.0.0/8 or ::1."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_base_url(url: str, name: str = "base_url", *, emulated: bool = False) -> str:
    """Return a valid base URL, without a trailing slash.

    Args:
        url: the URL.
        name: its name in a message.
        emulated: see `is_trusted`.

    Raises:
        TypeError: it is not a str.
        ValueError: it is not trusted; or it contains a user, a query, a fragment, spaces or the path of the API.
    """
    if not isinstance(url, str):
        raise ArgumentTypeError(f"{name} must be a str, not {type(url).__name__}")
    if not url.isprintable() or " " in url:
        # Such as the line end of a file. urlsplit removes it, but httpx rejects it.
        raise ArgumentValueError(f"{name} {shown(redacted(url))} must be without spaces and line ends")
    if not is_trusted(url, emulated=emulated):
        raise ArgumentValueError(
            f"{name} {shown(redacted(url))} must be https://host, because the access token is sent there (http is "
            "allowed for localhost, 127.0.0.1 and [::1] only; for other hosts with a token of the emulator, a str that "
            f"begins with {EMULATOR_TOKEN}, and not a callable)"
        )
    parts = urlsplit(url)
    # Even an empty query or fragment would contain the paths that are appended.
    if parts.username is not None or parts.password is not None or "?" in url or "#" in url:
        raise ArgumentValueError(
            f"{name} must be scheme, host, maybe a port and a path: no user, no query, no fragment"
        )
    if _API_PATH.search(parts.path):
        raise ArgumentValueError(
            f"{name} {shown(redacted(url))} must end before the path of the API: "
            f"{shown(redacted(url).partition('/files')[0])}"
        )
    return url.rstrip("/")


def check_method(method: str) -> str:
    """Return a valid HTTP method, in upper case.

    Raises:
        TypeError: it is not a str.
        ValueError: it contains anything but ASCII letters.
    """
    if not isinstance(method, str):
        raise ArgumentTypeError(f"method must be a str such as 'GET', not {type(method).__name__}")
    if not (method.isascii() and method.isalpha()):
        raise ArgumentValueError(f"method {shown(method)} must be an HTTP method such as 'GET'")
    return method.upper()


def check_path(path: str) -> str:
    """Return a valid path on the API.

    Raises:
        TypeError: it is not a str.
        ValueError: it is a URL of another host, contains a query, or contains `.` or `..`, which would change it.
    """
    if not isinstance(path, str):
        raise ArgumentTypeError(f"path must be a str such as '/files/2026-03/files/1', not {type(path).__name__}")
    if not path.startswith("/") or path.startswith("//") or not path.isascii() or not path.isprintable():
        raise ArgumentValueError(
            f"path {shown(redacted(path))} must be a quoted path on this API, such as '/files/2026-03/files/1'"
        )
    if "?" in path or "#" in path:
        raise ArgumentValueError(f"path {shown(redacted(path))} must be without a query: pass params=")
    if any(segment in (".", "..") for segment in path.replace("%2e", ".").replace("%2E", ".").split("/")):
        raise ArgumentValueError(f"path {shown(redacted(path))} contains '.' or '..', which would change it")
    return path
