"""Errors of connections and of servers, as what happened, after how many tries, and what to do."""

from __future__ import annotations

import os
import re
import socket
import ssl
from collections.abc import Iterator
from typing import Final

import httpx

from .. import ConnectionFailedError, RequestTimeoutError, ServerError
from .._errors import APIError
from .._http.proxies import proxy_for

_STATUS_PAGE: Final = "https://status.hubspot.com"
_BASE_URL_ADVICE: Final = "Check HUBSPOT_BASE_URL, which names this host; without it, HubSpot is used."
_ERRNO: Final = re.compile(r"^\[Errno -?\d+\] ")
# The end of a message about TLS, which names a line of C.
_LINE_OF_C: Final = re.compile(r"^\[SSL[^]]*\] | \(_ssl\.c:\d+\)$")


def connection_text(error: ConnectionFailedError) -> str:
    """Return what to tell about a request without a response."""
    causes = list(_causes(error))
    host = error.host or "HubSpot"
    tries = _tries(error)
    reason = _reason(causes[-1]) if causes else ""
    for cause in causes:
        if isinstance(cause, httpx.UnsupportedProtocol):
            # It names the proxy or the certificates of the environment, and what to do.
            return f"could not connect to {host}: {cause}"
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        check = f"{_BASE_URL_ADVICE} " if _is_of_base_url(host) else ""
        return (
            f"there is no secure connection to {host}{reason}.\n{check}"
            "If your company inspects connections, set SSL_CERT_FILE to its certificates."
        )
    if isinstance(error, RequestTimeoutError):
        return f"{host} did not respond in time, {tries}.\n{_advice(error.host)}"
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return f"the host {host} was not found, {tries}.\n{_advice(error.host)}"
    if any(isinstance(cause, httpx.ConnectError | httpx.ProxyError) for cause in causes):
        return f"could not connect to {host}, {tries}{reason}.\n{_advice(error.host)}"
    return f"the connection to {host} was cut, {tries}{reason}.\n{_advice(error.host)}"


def server_text(error: ServerError) -> str:
    """Return what to tell about a status of 500 or more."""
    who = "HubSpot" if _base_url() is None else f"the server {_base_url()} (HUBSPOT_BASE_URL)"
    # Without fields in the body, a gateway has sent a page, and the message only describes it.
    said = f": {error.message}" if error.body else "."
    text = f"{who} is not available or failed, {_tries(error)} ({error.status_code}){said}"
    advice = "Try again later" + ("" if _base_url() is not None else f"; {_STATUS_PAGE} tells of outages")
    support = f" Correlation id for HubSpot's support: {error.correlation_id}" if error.correlation_id else ""
    return f"{text}\n{advice}.{support}"


def foreign_response_text(error: APIError) -> str | None:
    """Return what to tell about a response that HubSpot cannot have sent, if the base URL was set, or None."""
    if error.body or _base_url() is None:
        return None
    return (
        f"{_base_url()} does not respond as HubSpot does: {error.status_code}, {error.message}.\n"
        "Check HUBSPOT_BASE_URL; without it, HubSpot is used."
    )


def _reason(cause: BaseException) -> str:
    """Return the reason that an error of Python or httpx names, behind a colon."""
    # The message of an SSLError is the second of its arguments.
    text = str(cause.args[-1]) if isinstance(cause, OSError) and cause.args else str(cause)
    text = _LINE_OF_C.sub("", _ERRNO.sub("", text))
    return f": {text}" if text else ""


def _tries(error: ConnectionFailedError | ServerError) -> str:
    return f"after {error.attempts:,} tries" if error.attempts > 1 else "after 1 try"


def _base_url() -> str | None:
    return os.environ.get("HUBSPOT_BASE_URL") or None


def _is_of_base_url(host: str) -> bool:
    """Return whether a host is that of the base URL that the environment names."""
    url = _base_url()
    return url is not None and httpx.URL(url).netloc.decode("ascii") == host


def _advice(host: str) -> str:
    """Return what to do if a host cannot be reached."""
    if _is_of_base_url(host):
        return _BASE_URL_ADVICE
    if proxy_for(httpx.URL(f"https://{host}")) is not None:
        return "Check the network and the proxy (HTTPS_PROXY or the system's settings), and try again."
    return f"Check the network, and try again later; {_STATUS_PAGE} tells of outages."


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Iterate over the causes of an error, the innermost one last."""
    cause = error.__cause__ or error.__context__
    visited: set[int] = set()
    while cause is not None and id(cause) not in visited:
        visited.add(id(cause))
        yield cause
        cause = cause.__cause__ or cause.__context__
