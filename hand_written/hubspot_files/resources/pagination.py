"""The results of a search, by item or by page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Generic, Self, TypeVar, cast

from .._engine.effects import AsyncDriver, Driver
from .._engine.flow import run, run_async
from .._engine.methods import AsyncResource, F, Method, SyncResource
from .search_query import Page, Record, SearchQuery

T = TypeVar("T", bound=Record)
Item = TypeVar("Item", bound=Record)


class Pager(Generic[T]):
    """The results of a search. Iterate over it for items, or over `pages()` for pages. Nothing is sent before that."""

    def __init__(self, driver: Driver, query: SearchQuery[T]) -> None:
        self._driver = driver
        self._query = query

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page.items

    def pages(self) -> Iterator[Page[T]]:
        """Iterate over the results, one page at a time.

        Raises:
            SearchLimitError: there are more results than HubSpot pages through.
            HubSpotFilesError: a request failed.
        """
        for page in self._query.pages():
            yield run(self._driver, page)


class AsyncPager(Generic[T]):
    """The results of a search. Iterate over it for items, or over `pages()` for pages. Nothing is sent before that."""

    def __init__(self, driver: AsyncDriver, query: SearchQuery[T]) -> None:
        self._driver = driver
        self._query = query

    def __aiter__(self) -> AsyncIterator[T]:
        return _AsyncItems(self.pages())

    def pages(self) -> AsyncIterator[Page[T]]:
        """Iterate over the results, one page at a time.

        Raises:
            SearchLimitError: there are more results than HubSpot pages through.
            HubSpotFilesError: a request failed.
        """
        return _AsyncPages(self._driver, self._query)


class _AsyncPages(Generic[T]):
    """The pages of a search. It is not an asynchronous generator, which callers who stop early would have to close."""

    def __init__(self, driver: AsyncDriver, query: SearchQuery[T]) -> None:
        self._driver = driver
        self._pages = query.pages()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Page[T]:
        for page in self._pages:
            return await run_async(self._driver, page)
        raise StopAsyncIteration


class _AsyncItems(Generic[T]):
    """The items of pages."""

    def __init__(self, pages: AsyncIterator[Page[T]]) -> None:
        self._pages = pages
        self._items: Iterator[T] = iter(())

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        while True:
            for item in self._items:
                return item
            self._items = iter((await anext(self._pages)).items)


def paged(describe: F) -> F:
    """Decorate a function that describes a search: `f(...) -> Pager[Item]` and `f(...) -> AsyncPager[Item]`."""
    results = ("Pager[{}]", "AsyncPager[{}]")
    return cast("F", Method(describe, sync=_pages, asynchronous=_pages_async, results=results))


def _pages(describe: Callable[..., SearchQuery[Item]]) -> Callable[..., Pager[Item]]:
    def method(self: SyncResource, *args: Any, **kwargs: Any) -> Pager[Item]:
        return Pager(self._driver, describe(self, *args, **kwargs))

    return method


def _pages_async(describe: Callable[..., SearchQuery[Item]]) -> Callable[..., AsyncPager[Item]]:
    def method(self: AsyncResource, *args: Any, **kwargs: Any) -> AsyncPager[Item]:
        return AsyncPager(self._driver, describe(self, *args, **kwargs))

    return method
