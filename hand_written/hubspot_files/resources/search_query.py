"""A search, and the cursor that moves through its pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from .._engine.changes import Changes
from .._engine.context import start_call
from .._engine.effects import Flow, Now
from .._engine.settings import Settings
from .._errors import BadRequestError, SearchLimitError, UnexpectedResponseError
from .._http.timeouts import Timeout, check_timeout
from .._operations.prepared_call import PreparedCall, perform


class Record(Protocol):
    """A File or a Folder."""

    id: str
    path: str | None
    updated_at: datetime | None


T = TypeVar("T", bound=Record)

MAX_PAGE = 100
"""Maximum number of results per page."""

# The highest offset that HubSpot accepts.
_CAP = 10_000
# Maximum number of unreadable records in a message.
_MAX_NAMED = 20
# Maximum number of consecutive requests without a new result. Reading all pages again from the start takes fewer.
_MAX_EMPTY_REQUESTS = 1000


class Page(NamedTuple, Generic[T]):
    """One page of a search.

    Attributes:
        items: its files or folders.
        next_after: value of `after=` for the next page. None on the last page, and if the search pages by id
            (`beyond_limit=True`). It is an offset, which changes of the results make stale.
        unreadable: for each record of the page that cannot be read, its path if it has one, and the reason. After the
            last page, the search raises UnexpectedResponseError with those of all pages.
    """

    items: list[T]
    next_after: str | None
    unreadable: Sequence[str] = ()


class SearchQuery(Generic[T]):
    """A search. Each iteration of its pager starts at the first page.

    Attributes:
        settings: settings of the client.
        call_for: prepares the call for one page, from the version of the API and the filters.
        filters: arguments of the generated client.
        max_items: maximum number of items, or None.
        beyond_limit: whether to page by id, which has no cap, instead of by offset.
        timeout: timeout of each request.
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
        """Iterate over one flow per page. Each must have been run before the next is taken.

        If records cannot be read, the last flow raises UnexpectedResponseError, after all other records were returned.
        """
        unreadable: list[str] = []
        for flow in self.each_page():
            yield _noted(flow, unreadable)
        if unreadable:
            yield _unreadable(self.call_for(self.settings.api_version, **self.filters).label, unreadable)

    def each_page(self) -> Iterator[Flow[Page[T]]]:
        """Iterate over one flow per page, which returns the records that can be read, and why others cannot."""
        remaining = self.max_items
        cursor: PageCursor[T] = PageCursor(self)
        while not cursor.ended and remaining != 0:
            yield cursor.limited(cursor.next(), remaining)
            if remaining is not None:
                remaining -= len(cursor.page.items)


class SplitQuery(SearchQuery[T]):
    """A search that is made in several parts, whose results have nothing in common.

    Args:
        query: the whole search.
        parts: the searches to send.
    """

    def __init__(self, query: SearchQuery[T], parts: Sequence[SearchQuery[T]]) -> None:
        super().__init__(
            query.settings,
            query.call_for,
            query.filters,
            max_items=query.max_items,
            beyond_limit=query.beyond_limit,
            timeout=query.timeout,
        )
        self._parts = parts

    def pages(self) -> Iterator[Flow[Page[T]]]:
        """Iterate over one flow per page. Each must have been run before the next is taken."""
        remaining = self.max_items
        for part in self._parts:
            for flow in part.pages():
                if remaining == 0:
                    return
                items: list[T] = []
                yield _part_of_page(flow, remaining, items)
                if remaining is not None:
                    remaining -= len(items)


def _part_of_page(flow: Flow[Page[T]], limit: int | None, items: list[T]) -> Flow[Page[T]]:
    """Return the page of a flow without its offset, cut to a number of items, which are added to a list."""
    page = yield from flow
    items += page.items[:limit]
    return Page(items, None)


class PageCursor(Generic[T]):
    """The position in a search at which its next page starts."""

    def __init__(self, query: SearchQuery[T]) -> None:
        self.query: SearchQuery[T] = query
        self.filters: dict[str, Any] = dict(query.filters)
        self.ended: bool = False
        self.page: Page[T] = Page([], None)
        self.last_id: int | None = None
        self.changes: Changes = query.settings.shared.changes
        # The state of each returned record, by id. If a record still has that state, everything before it was returned.
        self.returned: dict[str, tuple[datetime | None, str | None]] = {}
        self.start_offset: int = _offset(self.filters.get("after"))
        self.empty_requests: int = 0
        # Records of the next page that cannot be read.
        self.unreadable: list[str] = []
        # Number of changes before the request for the first page; -1 if a search may not reflect all of them yet.
        self.changes_at_start: int | None = None
        self.changes_at_last_page: int = 0
        # Number of changes before the iteration.
        self.changes_before: int = self.changes.started
        # The highest id of all results once the rest is paged through by id, and whether it has been reached.
        self.highest_id: int | None = None
        self.highest_reached: bool = False

    def next(self) -> Flow[Page[T]]:
        """Return the next page.

        Raises:
            SearchLimitError: see `next_by_id` and `next_by_offset`.
        """
        if self.query.beyond_limit:
            return self.next_by_id()
        return self.next_by_offset() if self.highest_id is None else self._next_of_rest()

    def limited(self, flow: Flow[Page[T]], limit: int | None) -> Flow[Page[T]]:
        """Return the page of a flow, cut to a number of items."""
        page = yield from flow
        self.page = (
            page
            if limit is None or len(page.items) <= limit
            else page._replace(items=page.items[:limit], next_after=None)
        )
        return self.page

    def next_by_offset(self) -> Flow[Page[T]]:
        """Return the next page by offset.

        Raises:
            SearchLimitError: there are results beyond the highest offset, or the results change too fast.
        """
        if self.changes_at_start is None:
            now = yield from Now()
            self.changes_at_last_page = self.changes.started
            self.changes_at_start = self.changes_at_last_page if self.changes.are_settled(now) else -1
        while True:
            page = yield from (self._realigned_page() if self._may_have_shifted() else self._next_page())
            if page is not None and (page.items or page.unreadable or self.ended):
                return page
            self.empty_requests += 1
            if self.empty_requests > _MAX_EMPTY_REQUESTS:
                raise SearchLimitError(
                    f"the results change faster than they can be paged through: {_MAX_EMPTY_REQUESTS:,} requests "
                    "returned nothing new. Pass beyond_limit=True to page by id, or collect all results with list(...) "
                    "before you change any."
                )

    def _may_have_shifted(self) -> bool:
        """Return whether changes by this client may have moved results, which makes the offset unreliable."""
        after = self.filters.get("after")
        # A cursor that is not a number is not an offset.
        return bool(self.returned) and _is_offset(after) and self.changes.started != self.changes_at_start

    def _next_page(self) -> Flow[Page[T] | None]:
        """Return the next page by offset, or None if results may have moved meanwhile."""
        after = self.filters.get("after")
        if _offset(after) >= _CAP:
            yield from self._check_cap(_offset(after))
            return self._page([], None)
        changes_before = self.changes.started
        response = yield from self._fetch(self.filters)
        if self._may_have_shifted():
            return None
        self.changes_at_last_page = changes_before
        following = response.paging.next_ if response.paging is not None else None
        next_after = following.after if following is not None and response.results else None
        if next_after == after:
            # A server that names the same page again would cause an endless loop.
            next_after = None
        items, _ = self._new_items(response.results, len(response.results))
        return self._page(items, next_after)

    def _realigned_page(self) -> Flow[Page[T] | None]:
        """Return the next page after results may have moved: the results that follow a returned, unchanged item.

        The request starts at the last returned item. If the response has no item that was returned and is unchanged,
        the next request starts earlier, up to the first page. Everything before such an item was returned, too.

        Raises:
            SearchLimitError: there are results beyond the highest offset.
        """
        shift = self.changes.started - self.changes_at_last_page
        limit: int = self.filters["limit"]
        offset = max(min(_offset(self.filters["after"]) - 1, _CAP), self.start_offset)
        size = MAX_PAGE if self.empty_requests else min(limit + 1, MAX_PAGE)
        while True:
            changes_before = self.changes.started
            response = yield from self._fetch({**self.filters, "after": str(offset) if offset else None, "limit": size})
            if offset == self.start_offset or any(
                self.returned.get(item.id) == _state(item) for item in response.results
            ):
                break
            # Each deletion moves results by one. Earlier changes may appear only now.
            offset, shift, size = max(offset - (shift or MAX_PAGE), self.start_offset), 0, MAX_PAGE
        self.changes_at_last_page = changes_before
        count = self.start_offset + len(self.returned)
        items, taken = self._new_items(response.results, limit)
        more = taken < len(response.results) or (
            taken > 0 and response.paging is not None and response.paging.next_ is not None
        )
        if (items and count >= _CAP) or (more and not items and offset == _CAP):
            yield from self._continue_by_id()
            return Page(items, None) if items else (yield from self._next_of_rest())
        return self._page(items, str(offset + taken) if more else None)

    def _new_items(self, results: list[T], limit: int) -> tuple[list[T], int]:
        """Return up to `limit` results that were not returned yet, and the number of results up to there."""
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
        return Page(items, next_after, self._take_unreadable())

    def _check_cap(self, offset: int) -> Flow[None]:
        """Check that the results end at the cap.

        Raises:
            SearchLimitError: there are more results.
        """
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

    def _continue_by_id(self) -> Flow[None]:
        """Page by id from here on, for a program that changes the results, such as one that deletes all of them.

        The highest id is fetched first, so that a program that adds results meanwhile comes to an end.

        Raises:
            SearchLimitError: the program changes nothing, or the order or the start of the search is given.
        """
        given = self.start_offset or any(self.filters.get(name) is not None for name in ("sort", "before"))
        if given or self.changes.started == self.changes_before:
            raise _too_many()
        self.filters["after"] = None
        response = yield from self._fetch({**self.filters, "sort": ["-id"], "limit": 1})
        self.highest_id = max((_number(item) for item in response.results), default=0)

    def _next_of_rest(self) -> Flow[Page[T]]:
        """Return the next page by id with results that were not returned by offset.

        Raises:
            SearchLimitError: see `next_by_id`, or there are results that were added meanwhile.
        """
        highest = self.highest_id or 0
        while not self.highest_reached:
            page = yield from self.next_by_id()
            items = [item for item in page.items if item.id not in self.returned and _number(item) <= highest]
            self.highest_reached, self.ended = self.ended or (self.last_id or 0) >= highest, False
            if items:
                return Page(items, None)
        upper = self.query.filters.get("id_lte")
        if upper is None or upper > highest:
            response = yield from self._fetch({**self.filters, "id_gte": highest + 1, "sort": ["id"]})
            if any(item.id not in self.returned for item in response.results):
                raise SearchLimitError(
                    "results were added during the iteration, and are not returned; all others were. Search again."
                )
        self.ended = True
        return Page([], None)

    def next_by_id(self) -> Flow[Page[T]]:
        """Return the next page by id, which starts after the last id of the page before.

        Raises:
            SearchLimitError: the results are not in the order of their ids.
        """
        response = yield from self._fetch({**self.filters, "sort": ["id"]})
        items: list[T] = list(response.results)
        for item in items:
            number = _number(item)
            if self.last_id is not None and number <= self.last_id:
                raise SearchLimitError(
                    f"the results are not in the order of ids ({item.id} after {self.last_id}), and beyond_limit=True "
                    "would miss some. Narrow the search instead, such as by created_at_gte and created_at_lte, and "
                    "leave beyond_limit out."
                )
            self.last_id = number
        upper = self.filters.get("id_lte")
        if self.last_id is None or not items or (upper is not None and self.last_id >= upper):
            self.ended = True
        else:
            self.filters["id_gte"] = self.last_id + 1
        return Page(items, None, self._take_unreadable())

    def _fetch(self, filters: dict[str, Any]) -> Flow[Any]:
        context = yield from start_call(self.query.settings, self.query.timeout)
        page = yield from perform(context, self.query.call_for(self.query.settings.api_version, **filters))
        self.unreadable += page.unreadable
        return page

    def _take_unreadable(self) -> list[str]:
        taken, self.unreadable = self.unreadable, []
        return taken


def _number(record: Record) -> int:
    """Return the id of a record as a number.

    Raises:
        SearchLimitError: it is not a number.
    """
    try:
        return int(record.id)
    except ValueError:
        raise SearchLimitError(
            f"the id {record.id!r} is not a number, which paging by id requires. Narrow the search instead, such as by "
            "created_at_gte and created_at_lte, and leave beyond_limit out."
        ) from None


def _state(record: Record) -> tuple[datetime | None, str | None]:
    """Return the fields of a record that change whenever this client changes and may move it in the results."""
    return record.updated_at, record.path


def _noted(flow: Flow[Page[T]], unreadable: list[str]) -> Flow[Page[T]]:
    """Return the page of a flow, and note its records that cannot be read."""
    page = yield from flow
    unreadable += page.unreadable
    return page


def _unreadable(label: str, unreadable: list[str]) -> Flow[Page[Any]]:
    """Raise the error of a search with records that cannot be read."""
    yield from ()
    reasons = list(dict.fromkeys(unreadable))
    named = "".join(f"\n- {reason}" for reason in reasons[:_MAX_NAMED])
    raise UnexpectedResponseError(
        f"{len(reasons)} of the records cannot be read, and all others were returned:{named}", request=label
    )


def _is_offset(after: str | None) -> bool:
    return after is None or (after.isascii() and after.isdigit() and len(after) < 19)


def _offset(after: str | None) -> int:
    # A cursor that is not a number comes from HubSpot, and is not an offset that could reach the cap.
    return int(after) if after is not None and _is_offset(after) else 0


def _too_many() -> SearchLimitError:
    return SearchLimitError(
        f"HubSpot pages through {_CAP:,} results of a search at most, and this one has more. Narrow it, such as by "
        "created_at_gte and created_at_lte or by parent_folder_ids, or pass beyond_limit=True to page by id."
    )
