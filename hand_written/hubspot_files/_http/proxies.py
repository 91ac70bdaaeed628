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
    """Return the proxy of the environment for a URL, by the rules of httpx, or None. This machine needs no proxy."""
    if is_loopback(url.host):
        # Requests to it may be plain http, and a proxy could read the token.
        return None
    proxies = urllib.request.getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy or _bypasses_proxy(url, proxies.get("no", "")):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _bypasses_proxy(url: httpx.URL, listed: str) -> bool:
    """Return whether NO_PROXY or the system's settings exclude a host, by its name, and maybe its port or scheme."""
    port = url.port or (443 if url.scheme == "https" else 80)
    if any(urllib.request.proxy_bypass(name) for name in (url.host, f"{url.host}:{port}")):
        return True
    return not {f"{url.scheme}://{url.host}", f"{url.scheme}://{url.host}:{port}"}.isdisjoint(
        entry.strip().rstrip("/") for entry in listed.split(",")
    )


@functools.cache
def ssl_context() -> ssl.SSLContext:
    """Return the SSL context of all clients. It is shared, because creating one takes longer than a request."""
    return httpx.create_ssl_context()


@contextlib.contextmanager
def map_environment_errors(proxy: str | None) -> Generator[None, None, None]:
    """Map errors that settings of the environment cause when a transport is created.

    Raises:
        httpx.UnsupportedProtocol: SSL_CERT_FILE, SSL_CERT_DIR or the proxy cannot be used.
    """
    try:
        yield
    except (OSError, ssl.SSLError) as error:
        named = " and ".join(name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(name))
        advice = f"; correct or unset {named}, in the environment" if named else ""
        raise httpx.UnsupportedProtocol(f"the certificates to verify with cannot be read ({error}){advice}") from error
    except ImportError as error:
        raise httpx.UnsupportedProtocol(
            f"{_described(proxy)} needs the package socksio: install httpx[socks], or exclude this host with NO_PROXY"
        ) from error
    except (ValueError, httpx.InvalidURL) as error:
        raise httpx.UnsupportedProtocol(
            f"{_described(proxy)} cannot be used; it must be http://, https://, socks5:// or socks5h:// with a host"
        ) from error


def _described(proxy: str | None) -> str:
    """Return a description of the proxy for messages, without its user and password."""
    scheme, mark, rest = (proxy or "").partition("://")
    return f"the proxy {scheme}{mark}{rest.rpartition('@')[2]} of the environment"
