"""The results of a search, by item or by page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, Self, TypeVar, overload

from .._engine.flow import run, run_async
from .._engine.methods import AsyncResource, Method, SyncResource
from .search_query import Page, Record, Walk

T = TypeVar("T", bound=Record)
P = ParamSpec("P")
Item = TypeVar("Item", bound=Record)


class Pager(Generic[T]):
    """The results of a search: iterate over it for items, over `pages()` for pages. Nothing is sent before."""

    def __init__(self, driver: Any, walk: Walk[T]) -> None:
        self._driver = driver
        self._walk = walk

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page.items

    def pages(self) -> Iterator[Page[T]]:
        """The results a page at a time.

        Raises:
            SearchLimitError: there are more results than HubSpot pages through.
            HubSpotFilesError: as for every request.
        """
        for step in self._walk.steps():
            yield run(self._driver, step)


class AsyncPager(Generic[T]):
    """The results of a search: iterate over it for items, over `pages()` for pages. Nothing is sent before."""

    def __init__(self, driver: Any, walk: Walk[T]) -> None:
        self._driver = driver
        self._walk = walk

    def __aiter__(self) -> AsyncIterator[T]:
        return _AsyncItems(self.pages())

    def pages(self) -> AsyncIterator[Page[T]]:
        """The results a page at a time.

        Raises:
            SearchLimitError: there are more results than HubSpot pages through.
            HubSpotFilesError: as for every request.
        """
        return _AsyncPages(self._driver, self._walk)


class _AsyncPages(Generic[T]):
    """The pages of a walk. An asynchronous generator would have to be closed by whoever stops before its end."""

    def __init__(self, driver: Any, walk: Walk[T]) -> None:
        self._driver = driver
        self._steps = walk.steps()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Page[T]:
        for step in self._steps:
            return await run_async(self._driver, step)
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


class paged(Method, Generic[P, Item]):  # noqa: N801 - a decorator
    """A function that plans a walk: it becomes `f(...) -> Pager[Item]` and `f(...) -> AsyncPager[Item]`."""

    def __init__(self, plan: Callable[Concatenate[Any, P], Walk[Item]]) -> None:
        super().__init__(plan, sync=_pages, asynchronous=_pages_async, names=("Walk[", "Pager[", "AsyncPager["))

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: SyncResource, owner: Any = None) -> Callable[P, Pager[Item]]: ...
        @overload
        def __get__(self, instance: AsyncResource, owner: Any = None) -> Callable[P, AsyncPager[Item]]: ...
        def __get__(self, instance: Any, owner: Any = None) -> Any: ...


def _pages(plan: Callable[..., Walk[Item]]) -> Callable[..., Pager[Item]]:
    def method(self: SyncResource, *args: Any, **kwargs: Any) -> Pager[Item]:
        from .pagination import Pager

        return Pager(self._driver, plan(self, *args, **kwargs))

    return method


def _pages_async(plan: Callable[..., Walk[Item]]) -> Callable[..., AsyncPager[Item]]:
    def method(self: AsyncResource, *args: Any, **kwargs: Any) -> AsyncPager[Item]:
        from .pagination import AsyncPager

        return AsyncPager(self._driver, plan(self, *args, **kwargs))

    return method
