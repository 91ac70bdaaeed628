"""Searches: the parameters of each filter, paging, and the end of the results."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx
import pytest
import respx

from hubspot_files import BadRequestError, SearchLimitError, ServerError

from .support import BASE_URL, FILE, FOLDER, Client, collected, first, iterated, page, query

FILES = "/files/v3/files/search"
FOLDERS = "/files/v3/folders/search"
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
INDIA = datetime(2026, 3, 1, 12, 0, 0, 250000, tzinfo=timezone(timedelta(hours=5, minutes=30)))

COMMON: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"after": "200"}, [("after", "200")]),
    ({"after": 200}, [("after", "200")]),
    ({"before": "cursor"}, [("before", "cursor")]),
    ({"sort": "-createdAt"}, [("sort", "-createdAt")]),
    ({"sort": ["name", "-size"]}, [("sort", "-size"), ("sort", "name")]),
    ({"ids": ["5", 7]}, [("ids", "5"), ("ids", "7")]),
    ({"id_gte": 5}, [("idGte", "5")]),
    ({"id_lte": "122692044085"}, [("idLte", "122692044085")]),
    ({"parent_folder_ids": (1, "2")}, [("parentFolderIds", "1"), ("parentFolderIds", "2")]),
    ({"name": "K\N{LATIN SMALL LETTER A WITH DIAERESIS}tzchen & Co"}, [("name", "Kätzchen & Co")]),
    ({"path": "/library/cats"}, [("path", "/library/cats")]),
    ({"created_at": NOON}, [("createdAt", "2026-03-01T12:00:00+00:00")]),
    ({"created_at_gte": INDIA}, [("createdAtGte", "2026-03-01T12:00:00.250000+05:30")]),
    ({"created_at_lte": NOON}, [("createdAtLte", "2026-03-01T12:00:00+00:00")]),
    ({"updated_at": NOON}, [("updatedAt", "2026-03-01T12:00:00+00:00")]),
    ({"updated_at_gte": NOON}, [("updatedAtGte", "2026-03-01T12:00:00+00:00")]),
    ({"updated_at_lte": INDIA}, [("updatedAtLte", "2026-03-01T12:00:00.250000+05:30")]),
]
OF_FILES: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"extension": "png"}, [("extension", "png")]),
    ({"extension": ".png"}, [("extension", "png")]),
    ({"type": "IMG"}, [("type", "IMG")]),
    ({"encoding": "utf-8"}, [("encoding", "utf-8")]),
    ({"url": "https://example.com/a?b=c&d"}, [("url", "https://example.com/a?b=c&d")]),
    ({"file_md5": "0cc175b9c0f1b6a831c399e269772661"}, [("fileMd5", "0cc175b9c0f1b6a831c399e269772661")]),
    ({"allows_anonymous_access": True}, [("allowsAnonymousAccess", "true")]),
    ({"allows_anonymous_access": False}, [("allowsAnonymousAccess", "false")]),
    ({"is_usable_in_content": False}, [("isUsableInContent", "false")]),
    ({"expires_at": NOON}, [("expiresAt", "2026-03-01T12:00:00+00:00")]),
    ({"expires_at_gte": NOON}, [("expiresAtGte", "2026-03-01T12:00:00+00:00")]),
    ({"expires_at_lte": NOON}, [("expiresAtLte", "2026-03-01T12:00:00+00:00")]),
    ({"size": 0}, [("size", "0")]),
    ({"size_gte": 1}, [("sizeGte", "1")]),
    ({"size_lte": 2}, [("sizeLte", "2")]),
    ({"height": 3}, [("height", "3")]),
    ({"height_gte": 4}, [("heightGte", "4")]),
    ({"height_lte": 5}, [("heightLte", "5")]),
    ({"width": 6}, [("width", "6")]),
    ({"width_gte": 7}, [("widthGte", "7")]),
    ({"width_lte": 8}, [("widthLte", "8")]),
]
NEEDS = {
    "files": ["id", "access", "createdAt", "updatedAt", "archived"],
    "folders": ["id", "createdAt", "updatedAt", "archived"],
}


def named(value: Any) -> str | None:
    return "-".join(value) if isinstance(value, dict) else ""


class TestFilters:
    @pytest.mark.parametrize(("given", "sent"), COMMON + OF_FILES, ids=named)
    @pytest.mark.unlike_hubspot("before is a cursor of the caller's, whatever it holds")
    def test_of_files(
        self, client: Client, api: respx.MockRouter, given: dict[str, Any], sent: list[tuple[str, str]]
    ) -> None:
        route = api.get(path=FILES).respond(200, json=page([FILE]))

        (file,) = client(lambda hubspot: hubspot.files.search(**given))

        assert query(route.calls.last.request) == sorted([("limit", "100"), *sent])
        assert (file.id, file.name) == (FILE["id"], "cat")

    @pytest.mark.unlike_hubspot("before is a cursor of the caller's, and sort a property, whatever they hold")
    @pytest.mark.parametrize(("given", "sent"), COMMON, ids=named)
    def test_of_folders(
        self, client: Client, api: respx.MockRouter, given: dict[str, Any], sent: list[tuple[str, str]]
    ) -> None:
        route = api.get(path=FOLDERS).respond(200, json=page([FOLDER]))

        (folder,) = client(lambda hubspot: hubspot.folders.search(**given))

        assert query(route.calls.last.request) == sorted([("limit", "100"), *sent])
        assert (folder.id, folder.path) == (FOLDER["id"], "/library/cat_archive")

    @pytest.mark.parametrize("kind", ["files", "folders"])
    def test_properties_include_the_required_ones(self, client: Client, api: respx.MockRouter, kind: str) -> None:
        route = api.get(path=f"/files/v3/{kind}/search").respond(200, json=page([]))

        client(lambda hubspot: getattr(hubspot, kind).search(properties=["path"], limit=1))

        assert query(route.calls.last.request) == sorted(
            [("limit", "1"), ("properties", "path"), *(("properties", name) for name in NEEDS[kind])]
        )

    def test_every_parameter_is_covered(self, client: Client) -> None:
        """The table above has all 36 and 17 parameters of the description."""
        names = {name for _, sent in COMMON + OF_FILES for name, _ in sent} | {"limit", "properties"}
        assert len(names) == 36
        assert len({name for _, sent in COMMON for name, _ in sent} | {"limit", "properties"}) == 17

    def test_an_offset_is_escaped(self, client: Client, api: respx.MockRouter) -> None:
        """A plus sign in a query is a space."""
        route = api.get(path=FILES).respond(200, json=page([]))
        client(lambda hubspot: hubspot.files.search(created_at=NOON))
        assert b"createdAt=2026-03-01T12%3A00%3A00%2B00%3A00" in route.calls.last.request.url.query

    @pytest.mark.parametrize(
        ("given", "error", "message"),
        [
            ({"limit": 0}, ValueError, "limit must be 1 to 100 results per page; max_items= limits the total"),
            ({"limit": 101}, ValueError, "limit must be 1 to 100 results per page"),
            ({"limit": "5"}, TypeError, "limit must be an int, not str"),
            ({"limit": True}, TypeError, "limit must be an int, not bool"),
            ({"max_items": -1}, ValueError, "max_items must not be negative, but is -1"),
            ({"max_items": 1.5}, TypeError, "max_items must be an int, not float"),
            ({"properties": "name"}, TypeError, "properties must be a list of names"),
            ({"sort": [1]}, TypeError, "sort must contain names as str, not int"),
            ({"ids": "12"}, TypeError, "ids must be a list of ids, not one str"),
            ({"ids": 12}, TypeError, "ids must be a list of ids, not one int"),
            ({"properties": 12}, TypeError, r"properties must be a list of names, such as \['size'\], not one int"),
            ({"ids": [".."]}, ValueError, r"ids '\.\.' must be digits only"),
            ({"ids": [1.5]}, TypeError, "ids must be a str of digits or an int, not float"),
            ({"parent_folder_ids": "12"}, TypeError, "parent_folder_ids must be a list of ids, not one str"),
            ({"id_gte": "a"}, ValueError, "id_gte 'a' must be digits only"),
            ({"id_lte": -5}, ValueError, "id_lte -5 must be digits only"),
            ({"created_at": datetime(2026, 3, 1)}, ValueError, "created_at has no time zone"),  # noqa: DTZ001
            ({"updated_at_gte": "2026-03-01"}, TypeError, "updated_at_gte must be a datetime with a zone, not str"),
            ({"created_at_lte": 1767225600000}, TypeError, "created_at_lte must be a datetime with a zone, not int"),
            ({"beyond_limit": True, "sort": "name"}, ValueError, "leave sort, after and before out"),
            ({"beyond_limit": True, "after": 5}, ValueError, "leave sort, after and before out"),
            ({"beyond_limit": True, "before": "x"}, ValueError, "leave sort, after and before out"),
        ],
        ids=named,
    )
    @pytest.mark.parametrize("kind", ["files", "folders"])
    def test_refuses_invalid_filters_at_once(
        self,
        client: Client,
        api: respx.MockRouter,
        kind: str,
        given: dict[str, Any],
        error: type[Exception],
        message: str,
    ) -> None:
        """Before any iteration."""

        def search(hubspot: Any) -> None:
            with pytest.raises(error, match=message):
                getattr(hubspot, kind).search(**given)

        client(search)
        assert not api.calls

    @pytest.mark.parametrize(
        ("given", "error", "message"),
        [
            ({"expires_at": datetime(2026, 3, 1)}, ValueError, "expires_at has no time zone"),  # noqa: DTZ001
            ({"allows_anonymous_access": "false"}, TypeError, "allows_anonymous_access must be True, False or None"),
            ({"is_usable_in_content": 1}, TypeError, "is_usable_in_content must be True, False or None"),
        ],
        ids=named,
    )
    def test_refuses_invalid_filters_of_files(
        self, client: Client, api: respx.MockRouter, given: dict[str, Any], error: type[Exception], message: str
    ) -> None:
        def search(hubspot: Any) -> None:
            with pytest.raises(error, match=message):
                hubspot.files.search(**given)

        client(search)
        assert not api.calls


class Index:
    """A search index with offsets, as HubSpot's, of which only the first 10,000 results can be read."""

    limit = 10_000

    def __init__(self, api: respx.MockRouter, count: int, *, refuses: bool = False) -> None:
        self.ids = [100 + 2 * number for number in range(count)]
        self.refuses = refuses
        self.requests: list[dict[str, str]] = []
        self.route = api.get(path=FILES).mock(side_effect=self.respond)

    def respond(self, request: httpx.Request) -> httpx.Response:
        params = dict(request.url.params)
        self.requests.append(params)
        offset, limit = int(params.get("after", 0)), int(params["limit"])
        if offset > self.limit or (self.refuses and offset == self.limit):
            return httpx.Response(400, json={"message": "paging is limited to 10000 results"})
        ids = [number for number in self.ids if int(params.get("idGte", 0)) <= number <= int(params.get("idLte", 1e18))]
        found = ids[offset : offset + limit]
        after = str(offset + limit) if offset + limit < len(ids) else None
        return httpx.Response(200, json=page(({**FILE, "id": str(number)} for number in found), after))


class TestPages:
    def test_are_requested_in_order(self, client: Client, api: respx.MockRouter) -> None:
        index = Index(api, 250)

        files = client(lambda hubspot: hubspot.files.search(extension="png"))

        assert [file.id for file in files] == [str(number) for number in index.ids]
        assert index.requests == [
            {"extension": "png", "limit": "100"},
            {"extension": "png", "limit": "100", "after": "100"},
            {"extension": "png", "limit": "100", "after": "200"},
        ]

    def test_can_be_iterated_as_pages(self, client: Client, api: respx.MockRouter) -> None:
        index = Index(api, 5)

        pages = client(lambda hubspot: (yield collected(hubspot.files.search(limit=2).pages())))

        assert [[int(item.id) for item in page.items] for page in pages] == [
            index.ids[0:2],
            index.ids[2:4],
            index.ids[4:5],
        ]
        assert [page.next_after for page in pages] == ["2", "4", None]

    def test_start_at_the_cursor_of_an_earlier_page(self, client: Client, api: respx.MockRouter) -> None:
        index = Index(api, 5)

        def program(hubspot):
            page = yield first(hubspot.files.search(limit=2).pages())
            return (yield collected(hubspot.files.search(limit=2, after=page.next_after)))

        assert [int(file.id) for file in client(program)] == index.ids[2:]
        assert [request.get("after") for request in index.requests] == [None, "2", "4"]

    def test_of_folders(self, client: Client, api: respx.MockRouter) -> None:
        route = api.get(path=FOLDERS).mock(
            side_effect=[
                httpx.Response(200, json=page([{**FOLDER, "id": "1"}], "1")),
                httpx.Response(200, json=page([{**FOLDER, "id": "2"}])),
            ]
        )
        folders = client(lambda hubspot: hubspot.folders.search(name="cat", limit=1))
        assert [folder.id for folder in folders] == ["1", "2"]
        assert query(route.calls.last.request) == [("after", "1"), ("limit", "1"), ("name", "cat")]

    def test_are_requested_lazily(self, client: Client, api: respx.MockRouter) -> None:
        index = Index(api, 250)

        def program(hubspot):
            found = hubspot.files.search()
            assert not api.calls
            return (yield first(found))

        assert client(program).id == "100"
        assert len(index.requests) == 1

    def test_an_iterator_can_be_continued(self, client: Client, api: respx.MockRouter) -> None:
        index = Index(api, 5)

        def program(hubspot):
            items = iterated(hubspot.files.search(limit=2))
            pages = iterated(hubspot.files.search(limit=2).pages())
            first_item = yield first(items)
            other_items = yield collected(items)
            first_page = yield first(pages)
            other_pages = yield collected(pages)
            return [first_item, *other_items], [first_page, *other_pages]

        items, pages = client(program)
        assert [int(file.id) for file in items] == index.ids
        assert [len(page.items) for page in pages] == [2, 2, 1]
        assert len(index.requests) == 6

    def test_each_iteration_starts_anew(self, client: Client, api: respx.MockRouter) -> None:
        index = Index(api, 3)

        def program(hubspot):
            found = hubspot.files.search(limit=2)
            return (yield collected(found)), (yield collected(found))

        first_pass, second_pass = client(program)
        assert [file.id for file in first_pass] == [file.id for file in second_pass] == ["100", "102", "104"]
        assert [request.get("after") for request in index.requests] == [None, "2", None, "2"]

    @pytest.mark.parametrize(
        ("max_items", "limits", "count"),
        [
            (0, [], 0),
            (1, ["1"], 1),
            (100, ["100"], 100),
            (150, ["100", "100"], 150),
            (200, ["100", "100"], 200),
            (1000, ["100", "100", "100"], 250),
        ],
    )
    def test_max_items_limits_the_requests(
        self, client: Client, api: respx.MockRouter, max_items: int, limits: list[str], count: int
    ) -> None:
        index = Index(api, 250)

        files = client(lambda hubspot: hubspot.files.search(max_items=max_items))

        assert [int(file.id) for file in files] == index.ids[:count]
        assert [request["limit"] for request in index.requests] == limits

    def test_cut_at_max_items_have_no_next_cursor(self, client: Client, api: respx.MockRouter) -> None:
        """A next cursor would start after items that were not returned."""
        Index(api, 5)
        pages = client(lambda hubspot: (yield collected(hubspot.files.search(limit=2, max_items=3).pages())))
        assert [len(page.items) for page in pages] == [2, 1]
        assert [page.next_after for page in pages] == ["2", None]

    @pytest.mark.parametrize(
        "response",
        [
            {"results": [], "paging": {"next": {"after": "100"}}},
            {"results": [], "paging": {}},
            {"results": [], "paging": {"prev": {"before": "5"}}},
            {"results": []},
        ],
    )
    def test_end_at_an_empty_page(self, client: Client, api: respx.MockRouter, response: dict[str, Any]) -> None:
        route = api.get(path=FILES).respond(200, json=response)
        assert client(lambda hubspot: hubspot.files.search()) == []
        assert route.call_count == 1

    def test_a_repeated_cursor_ends_the_iteration(self, client: Client, api: respx.MockRouter) -> None:
        route = api.get(path=FILES).respond(200, json=page([FILE], "100"))
        assert len(client(lambda hubspot: hubspot.files.search())) == 1
        assert route.call_count == 2

    @pytest.mark.unlike_hubspot("cursors of a later version")
    def test_a_cursor_need_not_be_a_number(self, client: Client, api: respx.MockRouter) -> None:
        route = api.get(path=FILES).mock(
            side_effect=[
                httpx.Response(200, json=page([FILE], "b3BhcXVl")),
                httpx.Response(200, json=page([{**FILE, "id": "2"}])),
            ]
        )
        assert len(client(lambda hubspot: hubspot.files.search())) == 2
        assert query(route.calls.last.request) == [("after", "b3BhcXVl"), ("limit", "100")]

    def test_an_error_is_raised_at_its_page(self, client: Client, api: respx.MockRouter) -> None:
        api.get(path=FILES).mock(
            side_effect=[httpx.Response(200, json=page([FILE], "100")), *[httpx.Response(503)] * 5]
        )
        given: list[Any] = []

        def program(hubspot):
            pages = hubspot.files.search().pages()
            if client.asynchronous:
                given.append((yield pages.__anext__()))
                yield pages.__anext__()
            else:
                given.append(next(pages))
                next(pages)

        with pytest.raises(ServerError):
            client(program)
        assert [file.id for file in given[0].items] == [FILE["id"]]

    def test_iteration_can_stop_early(self, client: Client, api: respx.MockRouter, recwarn: Any) -> None:
        """An abandoned asynchronous generator would be an error on trio."""
        Index(api, 250)

        def program(hubspot):
            yield first(hubspot.files.search())
            yield first(hubspot.files.search().pages())

        client(program)
        assert [str(warning.message) for warning in recwarn] == []


@pytest.fixture
def limit_of_1000(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lower the limit of 10,000, so that tests of it take a tenth of the time."""
    monkeypatch.setattr("hubspot_files.resources.search_query._CAP", 1000)
    monkeypatch.setattr(Index, "limit", 1000)


class TestResultLimit:
    @pytest.mark.usefixtures("limit_of_1000")
    def test_results_below_the_limit_end_normally(self, client: Client, api: respx.MockRouter) -> None:
        index = Index(api, 1000)
        assert len(client(lambda hubspot: hubspot.files.search(sort="name"))) == 1000
        assert len(index.requests) == 10

    @pytest.mark.usefixtures("limit_of_1000")
    def test_one_more_request_distinguishes_the_end_from_the_limit(self, client: Client, api: respx.MockRouter) -> None:
        """Pages of 30 end at 1,020, beyond the highest offset that HubSpot accepts."""
        index = Index(api, 1020)
        index.route.mock(side_effect=lambda request: self.promising(index, request))

        files = client(lambda hubspot: hubspot.files.search(limit=30))

        assert [int(file.id) for file in files] == index.ids
        assert index.requests[-1] == {"limit": "21", "after": "1000"}

    @staticmethod
    def promising(index: Index, request: httpx.Request) -> httpx.Response:
        """Return a response that always has a next page."""
        response = index.respond(request).json()
        offset = int(request.url.params.get("after", 0)) + int(request.url.params["limit"])
        return httpx.Response(200, json=page(response["results"], str(offset)))

    @pytest.mark.usefixtures("limit_of_1000")
    def test_results_of_exactly_the_limit_end_normally(self, client: Client, api: respx.MockRouter) -> None:
        index = Index(api, 1000)
        index.route.mock(side_effect=lambda request: self.promising(index, request))
        assert len(client(lambda hubspot: hubspot.files.search())) == 1000
        assert index.requests[-1] == {"limit": "1", "after": "1000"}

    @pytest.mark.usefixtures("limit_of_1000")
    @pytest.mark.promise("`SearchLimitError` | narrow the search, or pass `beyond_limit=True`")
    @pytest.mark.parametrize(
        ("limit", "given", "refuses"), [(100, 1000, False), (30, 1020, True)], ids=["answers", "refuses"]
    )
    def test_more_results_are_an_error_with_advice(
        self, client: Client, api: respx.MockRouter, limit: int, given: int, refuses: bool
    ) -> None:
        index = Index(api, 1021, refuses=refuses)
        found: list[Any] = []

        def program(hubspot):
            pages = hubspot.files.search(limit=limit).pages()
            while True:
                found.extend((yield pages.__anext__() if client.asynchronous else next(pages)).items)

        with pytest.raises(
            SearchLimitError, match=r"pages through 1,000 results .* created_at_gte .* beyond_limit=True"
        ) as caught:
            client(program)
        assert [int(file.id) for file in found] == index.ids[:given]
        assert isinstance(caught.value.__cause__, BadRequestError) is refuses

    def test_an_offset_at_the_limit(self, client: Client, api: respx.MockRouter) -> None:
        index = Index(api, 10_001)
        with pytest.raises(SearchLimitError):
            client(lambda hubspot: hubspot.files.search(after=10_000))
        assert index.requests == [{"limit": "1", "after": "10000"}]

    def test_an_offset_beyond_the_limit_is_not_requested(self, client: Client, api: respx.MockRouter) -> None:
        with pytest.raises(SearchLimitError):
            client(lambda hubspot: hubspot.files.search(after=20_000))
        assert not api.calls

    @pytest.mark.usefixtures("limit_of_1000")
    def test_max_items_below_the_limit(self, client: Client, api: respx.MockRouter) -> None:
        index = Index(api, 2000)
        assert len(client(lambda hubspot: hubspot.files.search(max_items=1000))) == 1000
        assert len(index.requests) == 10


class TestBeyondTheLimit:
    def test_pages_by_id(self, client: Client, api: respx.MockRouter) -> None:
        index = Index(api, 250)

        files = client(lambda hubspot: hubspot.files.search(beyond_limit=True, name="cat"))

        assert [int(file.id) for file in files] == index.ids
        assert index.requests == [
            {"limit": "100", "name": "cat", "sort": "id"},
            {"limit": "100", "name": "cat", "sort": "id", "idGte": "299"},
            {"limit": "100", "name": "cat", "sort": "id", "idGte": "499"},
            {"limit": "100", "name": "cat", "sort": "id", "idGte": "599"},
        ]

    @pytest.mark.usefixtures("limit_of_1000")
    def test_passes_the_limit(self, client: Client, api: respx.MockRouter) -> None:
        index = Index(api, 1150)
        assert len(client(lambda hubspot: hubspot.files.search(beyond_limit=True))) == 1150
        assert not any("after" in request for request in index.requests)

    def test_respects_the_id_bounds(self, client: Client, api: respx.MockRouter) -> None:
        index = Index(api, 250)

        files = client(lambda hubspot: hubspot.files.search(beyond_limit=True, id_gte=150, id_lte="360", limit=50))

        assert [int(file.id) for file in files] == list(range(150, 361, 2))
        assert [(request["idGte"], request["idLte"]) for request in index.requests] == [
            ("150", "360"),
            ("249", "360"),
            ("349", "360"),
        ]

    def test_refuses_an_invalid_upper_bound(self, client: Client, api: respx.MockRouter) -> None:
        index = Index(api, 3)
        files = client(lambda hubspot: hubspot.files.search(beyond_limit=True, id_lte=105))
        assert [int(file.id) for file in files] == [100, 102, 104]
        assert [request.get("idGte") for request in index.requests] == [None, "105"]

    def test_pages_have_no_next_cursor(self, client: Client, api: respx.MockRouter) -> None:
        Index(api, 3)
        pages = client(lambda hubspot: (yield collected(hubspot.files.search(beyond_limit=True, limit=2).pages())))
        assert [[int(file.id) for file in page.items] for page in pages] == [[100, 102], [104], []]
        assert [page.next_after for page in pages] == [None, None, None]

    @pytest.mark.parametrize(("max_items", "requests"), [(2, 1), (3, 2)])
    def test_respects_max_items(self, client: Client, api: respx.MockRouter, max_items: int, requests: int) -> None:
        index = Index(api, 250)
        files = client(lambda hubspot: hubspot.files.search(beyond_limit=True, limit=2, max_items=max_items))
        assert [int(file.id) for file in files] == index.ids[:max_items]
        assert len(index.requests) == requests

    def test_nothing_found(self, client: Client, api: respx.MockRouter) -> None:
        index = Index(api, 0)
        assert client(lambda hubspot: hubspot.files.search(beyond_limit=True)) == []
        assert len(index.requests) == 1

    def test_of_folders(self, client: Client, api: respx.MockRouter) -> None:
        route = api.get(path=FOLDERS).mock(
            side_effect=[
                httpx.Response(200, json=page([{**FOLDER, "id": "7"}])),
                httpx.Response(200, json=page([])),
            ]
        )
        (folder,) = client(lambda hubspot: hubspot.folders.search(beyond_limit=True))
        assert folder.id == "7"
        assert query(route.calls.last.request) == [("idGte", "8"), ("limit", "100"), ("sort", "id")]

    @pytest.mark.parametrize(
        "pages",
        [
            [["5", "4"]],
            [["5", "5"]],
            [["1", "2"], ["2", "3"]],
            [["10", "11"], ["9", "12"]],
        ],
        ids=["falling", "twice", "overlapping", "other"],
    )
    def test_another_order_is_an_error(self, client: Client, api: respx.MockRouter, pages: list[list[str]]) -> None:
        """HubSpot does not document that a search can be sorted by id."""
        api.get(path=FILES).mock(
            side_effect=[httpx.Response(200, json=page({**FILE, "id": number} for number in ids)) for ids in pages]
        )
        with pytest.raises(SearchLimitError, match=r"are not in the order of ids \(\d+ after \d+\)"):
            client(lambda hubspot: hubspot.files.search(beyond_limit=True))

    def test_an_id_that_is_no_number_is_an_unexpected_response(self, client: Client, api: respx.MockRouter) -> None:
        api.get(path=FILES).respond(200, json=page([{**FILE, "id": "cat"}]))
        with pytest.raises(SearchLimitError, match="'cat' is not a number"):
            client(lambda hubspot: hubspot.files.search(beyond_limit=True))


@pytest.mark.parametrize(("kind", "record"), [("files", FILE), ("folders", FOLDER)])
def test_the_link_to_the_next_page_is_not_followed(
    client: Client, api: respx.MockRouter, kind: str, record: dict[str, Any]
) -> None:
    """A link to another host would receive the token."""
    evil = {"results": [record], "paging": {"next": {"after": "1", "link": "https://evil.example/steal"}}}
    api.get(path=f"/files/v3/{kind}/search").mock(
        side_effect=[httpx.Response(200, json=evil), httpx.Response(200, json=page([]))]
    )
    assert len(client(lambda hubspot: getattr(hubspot, kind).search())) == 1
    assert [call.request.url.host for call in api.calls] == [httpx.URL(BASE_URL).host] * 2
