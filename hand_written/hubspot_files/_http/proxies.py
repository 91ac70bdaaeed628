"""Certificates and proxies of the environment."""

from __future__ import annotations

import contextlib
import functools
import os
import ssl
import urllib.request
from collections.abc import Generator

import httpx

from .urls import is_loopback


def proxy_for(url: httpx.URL) -> str | None:
    """The proxy that the environment names for a URL, as httpx itself would take it; none for this machine."""
    if is_loopback(url.host):
        # Its requests may be plain http, so that a proxy would read the token.
        return None
    proxies = urllib.request.getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy or _bypasses_proxy(url, proxies.get("no", "")):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _bypasses_proxy(url: httpx.URL, listed: str) -> bool:
    """Whether NO_PROXY, or what the system has for it, names a host: by its name, with its port or with its scheme."""
    port = url.port or (443 if url.scheme == "https" else 80)
    if any(urllib.request.proxy_bypass(name) for name in (url.host, f"{url.host}:{port}")):
        return True
    return not {f"{url.scheme}://{url.host}", f"{url.scheme}://{url.host}:{port}"}.isdisjoint(
        entry.strip().rstrip("/") for entry in listed.split(",")
    )


@functools.cache
def ssl_context() -> ssl.SSLContext:
    """What certificates are verified with. It takes longer to make than a request does, so that clients share it."""
    return httpx.create_ssl_context()


@contextlib.contextmanager
def map_environment_errors(proxy: str | None) -> Generator[None, None, None]:
    """Say what to do where a transport cannot be made because of what the environment says.

    Raises:
        httpx.UnsupportedProtocol: SSL_CERT_FILE or SSL_CERT_DIR, or the proxy, cannot be used.
    """
    try:
        yield
    except (OSError, ssl.SSLError) as error:
        named = " and ".join(name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(name))
        advice = f"; correct or unset {named}, in the environment" if named else ""
        raise httpx.UnsupportedProtocol(f"the certificates to verify with cannot be read ({error}){advice}") from error
    except ImportError as error:
        raise httpx.UnsupportedProtocol(
            f"{_described(proxy)} needs the package socksio: install httpx[socks], or unset the proxy for this host with "
            "NO_PROXY"
        ) from error
    except (ValueError, httpx.InvalidURL) as error:
        raise httpx.UnsupportedProtocol(
            f"{_described(proxy)} cannot be used; it must be http://, https://, socks5:// or socks5h:// with a host"
        ) from error


def _described(proxy: str | None) -> str:
    """The environment's proxy for a message, without its user and password."""
    scheme, mark, rest = (proxy or "").partition("://")
    return f"the proxy {scheme}{mark}{rest.rpartition('@')[2]} of the environment"
