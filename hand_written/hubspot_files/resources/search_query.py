"""A search, and where its pages stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from .._engine.context import start_call
from .._engine.effects import Flow, Now
from .._engine.settings import Settings
from .._errors import BadRequestError, SearchLimitError
from .._http.timeouts import Timeout, check_timeout
from .._operations.prepared_call import PreparedCall, perform


class Record(Protocol):
    """A File or a Folder."""

    id: str
    path: str | None
    updated_at: datetime


T = TypeVar("T", bound=Record)

MAX_PAGE = 100
"""Results on a page at most."""

# The highest offset that HubSpot takes.
_CAP = 10_000
# Requests in a row that may bring nothing new. Even to read all pages again from the first takes less.
_MAX_EMPTY_REQUESTS = 1000


class Page(NamedTuple, Generic[T]):
    """One page of a search.

    Attributes:
        items: its files or folders.
        next_after: what to pass as `after=` to begin with the page behind it; None if there is none, or where the
            walk goes by id (`beyond_limit=True`). It is an offset, which changes of the results make stale.
    """

    items: list[T]
    next_after: str | None


class SearchQuery(Generic[T]):
    """A search, which its pager walks through. Each iteration begins anew.

    Attributes:
        settings: the client's.
        call_for: prepares the call for one page, returned the filters.
        filters: the generated client's arguments.
        max_items: how many items to give at most, or None.
        beyond_limit: walk by id, which has no cap, and not by offset.
        timeout: that of each request.
    """

    def __init__(
        self,
        settings: Settings,
        call_for: Callable[..., PreparedCall[Any]],
        filters: dict[str, Any],
        *,
        max_items: int | None,
        beyond_limit: bool,
        timeout: Timeout,
    ) -> None:
        self.settings = settings
        self.call_for = call_for
        self.filters = filters
        self.max_items = max_items
        self.beyond_limit = beyond_limit
        self.timeout: Timeout = check_timeout(timeout)

    def pages(self) -> Iterator[Flow[Page[T]]]:
        """Iterate over one flow a page; the next depends on what the last one returned."""
        left = self.max_items
        cursor: PageCursor[T] = PageCursor(self)
        while not cursor.ended and left != 0:
            flow = cursor.next_by_id() if self.beyond_limit else cursor.next_by_offset()
            yield cursor.limited(flow, left)
            if left is not None:
                left -= len(cursor.page.items)


class PageCursor(Generic[T]):
    """The place in a search at which its next page begins."""

    def __init__(self, query: SearchQuery[T]) -> None:
        self.query = query
        self.filters = dict(query.filters)
        self.ended = False
        self.page: Page[T] = Page([], None)
        self.last_id: int | None = None
        self.changes = query.settings.shared.changes
        # By id, as each was when everything before it had been returned: a record that is still so proves that it has.
        self.returned: dict[str, tuple[datetime, str | None]] = {}
        self.first = _offset(self.filters.get("after"))
        self.empty_requests = 0
        # How many changes were begun when the first page was asked for; -1 where a search may not show them all yet.
        self.changes_at_start: int | None = None
        self.changes_at_last_page = 0

    def limited(self, flow: Flow[Page[T]], left: int | None) -> Flow[Page[T]]:
        page = yield from flow
        self.page = page if left is None or len(page.items) <= left else Page(page.items[:left], None)
        return self.page

    def next_by_offset(self) -> Flow[Page[T]]:
        """The next page by offset.

        Raises:
            SearchLimitError: there is more, beyond the highest offset.
        """
        if self.changes_at_start is None:
            now = yield from Now()
            self.changes_at_last_page = self.changes.started
            self.changes_at_start = self.changes_at_last_page if self.changes.are_settled(now) else -1
        while True:
            page = yield from (self._realigned_page() if self._may_have_shifted() else self._next_page())
            if page is not None and (page.items or self.ended):
                return page
            self.empty_requests += 1
            if self.empty_requests > _MAX_EMPTY_REQUESTS:
                raise SearchLimitError(
                    f"the results change faster than they can be paged through: {_MAX_EMPTY_REQUESTS:,} requests brought "
                    "nothing new. Pass beyond_limit=True to walk by id, or take them all with list(...) before you "
                    "change any."
                )

    def _may_have_shifted(self) -> bool:
        """Whether what this client changed may have moved results, so that an offset does not tell where to go on."""
        after = self.filters.get("after")
        # A cursor that is not a number is no offset.
        return bool(self.returned) and _is_offset(after) and self.changes.started != self.changes_at_start

    def _next_page(self) -> Flow[Page[T] | None]:
        """The next page by offset where nothing has changed, or None if something has meanwhile."""
        after = self.filters.get("after")
        if _offset(after) >= _CAP:
            yield from self._check_cap(_offset(after))
            self.ended = True
            return Page([], None)
        begun = self.changes.started
        response = yield from self._fetch(self.filters)
        if self._may_have_shifted():
            return None
        self.changes_at_last_page = begun
        following = response.paging.next_ if response.paging is not None else None
        next_after = following.after if following is not None and response.results else None
        if next_after == after:
            # A server that names the same page again would have us walk forever.
            next_after = None
        items, _ = self._new_items(response.results, len(response.results))
        return self._page(items, next_after)

    def _realigned_page(self) -> Flow[Page[T] | None]:
        """The next page where results may have moved: one that begins with, or before, what was returned already.

        It is asked for from the last item that was returned. Where that is not there, it is looked for before that, until
        an item is found that was returned and is unchanged, because all before it was returned too, or the first page.

        Raises:
            SearchLimitError: there is more, beyond the highest offset.
        """
        shift = self.changes.started - self.changes_at_last_page
        limit: int = self.filters["limit"]
        offset = max(min(_offset(self.filters["after"]) - 1, _CAP), self.first)
        size = MAX_PAGE if self.empty_requests else min(limit + 1, MAX_PAGE)
        while True:
            begun = self.changes.started
            response = yield from self._fetch({**self.filters, "after": str(offset) if offset else None, "limit": size})
            if offset == self.first or any(self.returned.get(item.id) == _state(item) for item in response.results):
                break
            # Each deletion moves results by one; HubSpot may show older ones only now.
            offset, shift, size = max(offset - (shift or MAX_PAGE), self.first), 0, MAX_PAGE
        self.changes_at_last_page = begun
        count = self.first + len(self.returned)
        items, taken = self._new_items(response.results, limit)
        more = taken < len(response.results) or (
            taken > 0 and response.paging is not None and response.paging.next_ is not None
        )
        if (items and count >= _CAP) or (more and not items and offset == _CAP):
            raise _too_many()
        return self._page(items, str(offset + taken) if more else None)

    def _new_items(self, results: list[T], limit: int) -> tuple[list[T], int]:
        """The results that were not returned yet, so many at most, and how many results that takes."""
        items: list[T] = []
        for taken, item in enumerate(results):
            if item.id not in self.returned:
                if len(items) == limit:
                    return items, taken
                items.append(item)
            self.returned[item.id] = _state(item)
        return items, len(results)

    def _page(self, items: list[T], next_after: str | None) -> Page[T]:
        if items:
            self.empty_requests = 0
        self.ended = next_after is None
        self.filters["after"] = next_after
        return Page(items, next_after)

    def _check_cap(self, offset: int) -> Flow[None]:
        """Tell the end of the results from the cap: one more result, and it is the cap."""
        beyond = offset - _CAP
        if beyond < MAX_PAGE:
            filters = {**self.filters, "after": str(_CAP), "limit": beyond + 1}
            try:
                response = yield from self._fetch(filters)
            except BadRequestError as error:
                raise _too_many() from error
            if len(response.results) <= beyond:
                return
        raise _too_many()

    def next_by_id(self) -> Flow[Page[T]]:
        """The next page by id, each beginning behind the last id of the one before.

        Raises:
            SearchLimitError: the results do not come in the order of their ids.
        """
        response = yield from self._fetch({**self.filters, "sort": ["id"]})
        items: list[T] = list(response.results)
        for item in items:
            try:
                number = int(item.id)
            except ValueError:
                raise SearchLimitError(
                    f"the id {item.id!r} is not a number, by which walking beyond the limit goes. Narrow the search "
                    "instead, such as by created_at_gte and created_at_lte, and leave beyond_limit out."
                ) from None
            if self.last_id is not None and number <= self.last_id:
                raise SearchLimitError(
                    f"the search does not come in the order of ids ({item.id} after {self.last_id}), so that walking "
                    "beyond the limit would lose results. Narrow the search instead, such as by created_at_gte and "
                    "created_at_lte, and leave beyond_limit out."
                )
            self.last_id = number
        upper = self.filters.get("id_lte")
        if self.last_id is None or not items or (upper is not None and self.last_id >= upper):
            self.ended = True
        else:
            self.filters["id_gte"] = self.last_id + 1
        return Page(items, None)

    def _fetch(self, filters: dict[str, Any]) -> Flow[Any]:
        context = yield from start_call(self.query.settings, self.query.timeout)
        return (yield from perform(context, self.query.call_for(**filters)))


def _state(record: Record) -> tuple[datetime, str | None]:
    """What changes in a record where this client changes it, and may move it to another place among the results."""
    return record.updated_at, record.path


def _is_offset(after: str | None) -> bool:
    return after is None or (after.isascii() and after.isdigit() and len(after) < 19)


def _offset(after: str | None) -> int:
    # A cursor that is not a number is one that HubSpot gave, and no offset that could be at the cap.
    return int(after) if after is not None and _is_offset(after) else 0


def _too_many() -> SearchLimitError:
    return SearchLimitError(
        f"HubSpot pages through {_CAP:,} results of a search and no further, and this one has more. Narrow it, such as "
        "by created_at_gte and created_at_lte or by parent_folder_ids, or pass beyond_limit=True to walk by id."
    )
