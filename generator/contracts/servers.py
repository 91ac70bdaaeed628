"""The servers of an operation: its own, those of its path, or those of the document."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from ..descriptions.description import Json, mappings

# The most URLs that the variables of one server may stand for; beyond them, their names are compared.
_MAX_URLS = 50
_VARIABLE = re.compile(r"\{([^{}]*)\}")
_PORTS = {"http": ":80", "https": ":443"}


class Servers:
    """The servers of a document."""

    def __init__(self, document: Json) -> None:
        self._document = document

    def path(self, item: Json, node: Json) -> str:
        """Return the path of an operation's first server, which stands before its own."""
        urls = self._urls(item, node)
        return _split(urls[0])[1] if urls else ""

    def hosts(self, item: Json, node: Json) -> tuple[str, ...]:
        """Return an operation's servers, without the path of the first where they have it, sorted."""
        before = self.path(item, node)
        hosts = set()
        for url in self._urls(item, node):
            host, path = _split(url)
            hosts.add(host if path == before else host + path)
        return tuple(sorted(hosts - {""}))

    def _urls(self, item: Json, node: Json) -> list[str]:
        for holder in (node, item, self._document):
            listed = holder.get("servers")
            servers = [server for server in listed if isinstance(server, dict)] if isinstance(listed, list) else []
            if urls := [url for server in servers for url in _written_out(server)]:
                return urls
        return []


def _written_out(server: Json) -> Iterator[str]:
    """Yield the URLs of a server, with the values of its variables."""
    url = server.get("url")
    if not isinstance(url, str):
        return
    variables = dict(mappings(server.get("variables")))
    values: list[list[str]] = []
    count = 1
    for name in _VARIABLE.findall(url):
        variable = variables.get(name, {})
        enum = variable.get("enum")
        listed = [*map(str, enum)] if isinstance(enum, list) else []
        usual = str(variable.get("default", f"{{{name}}}"))
        values.append(list(dict.fromkeys([usual, *listed])))
        count *= len(values[-1])
    if count > _MAX_URLS:
        yield url
        return
    for chosen in itertools.product(*values):
        rest = iter(chosen)
        yield _VARIABLE.sub(lambda _: next(rest), url)  # noqa: B023 # it is used up at once


def _split(url: str) -> tuple[str, str]:
    """Return a URL without its path, and its path."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url, ""
    host = parts.netloc.lower().removesuffix(_PORTS.get(parts.scheme.lower(), ""))
    return (f"{parts.scheme.lower()}://{host}" if host else ""), parts.path.rstrip("/")
