"""Searches whose results change during the iteration: each file is returned once, and the iteration ends."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import respx

from hubspot_files import HubSpotFiles, SearchLimitError
from hubspot_files.testing import Clock, Emulator

from .support import FILE, Client, page
from .test_search import FILES, NOON

Change = Callable[[Any, Any], Any]
# Of small pages, a few hundred files fill as many as thousands do otherwise.
PAGE = 20


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(clock=Clock(NOON, frozen=True)) as emulator:
        yield emulator


def add_files(emulator: Emulator, count: int) -> list[str]:
    """Add files, and return their ids."""
    return [emulator.add_file(f"/in/f{number:05}.txt", b"x").id for number in range(count)]


def searches(emulator: Emulator) -> int:
    return sum(request.operation in ("searchFiles", "searchFolders") for request in emulator.requests)


def run(client: Client, emulator: Emulator, program: Callable[[Any], Any]) -> Any:
    return client(program, access_token=emulator.token, http_client=client.http(emulator.transport))


def search_and_change(change: Change | None, kind: str = "files", **filters: Any) -> Callable[[Any], Any]:
    """Return a program that searches, changes each item, and returns the ids in order."""

    def program(hubspot: Any) -> Any:
        resource = getattr(hubspot, kind)
        pages = resource.search(**{"limit": PAGE, **filters}).pages()
        found: list[str] = []
        while True:
            try:
                got = yield pages.__anext__() if hasattr(pages, "__anext__") else next(pages)
            except (StopIteration, StopAsyncIteration):
                return found
            for item in got.items:
                found.append(item.id)
                if change is not None:
                    yield change(resource, item)

    return program


def delete(resource: Any, item: Any) -> Any:
    return resource.delete(item.id)


def delete_every_third(resource: Any, item: Any) -> Any:
    return resource.delete(item.id) if int(item.id) % 3 == 0 else None


def move(resource: Any, item: Any) -> Any:
    return resource.update(item.id, parent_folder_path="/out")


def rename_behind(resource: Any, item: Any) -> Any:
    return resource.update(item.id, name=f"z{item.name}")


def rename_before(resource: Any, item: Any) -> Any:
    return resource.update(item.id, name=f"a{item.name}")


class TestEachFileIsReturnedOnce:
    @pytest.mark.parametrize(
        ("change", "filters"),
        [
            (delete, {}),
            (delete, {"sort": "-name"}),
            (delete_every_third, {}),
            (move, {"parent_folder_ids": ["in"]}),
            (rename_behind, {"sort": "name"}),
            (rename_before, {"sort": "name"}),
            (rename_behind, {"sort": "-name"}),
            (rename_behind, {"sort": "-updatedAt"}),
        ],
    )
    def test_after_any_change(
        self, client: Client, emulator: Emulator, change: Change, filters: dict[str, Any]
    ) -> None:
        ids = add_files(emulator, 70)
        emulator.add_folder("/out")
        if "parent_folder_ids" in filters:
            filters = {"parent_folder_ids": [emulator.add_folder("/in").id]}
        found = run(client, emulator, search_and_change(change, **filters))
        assert sorted(found) == sorted(ids)
        assert searches(emulator) <= 16

    @pytest.mark.parametrize("change", [delete, delete_every_third])
    def test_of_many_pages(self, client: Client, emulator: Emulator, change: Change) -> None:
        ids = add_files(emulator, 247)
        assert sorted(run(client, emulator, search_and_change(change))) == sorted(ids)
        assert searches(emulator) <= 60

    def test_in_the_requested_order(self, client: Client, emulator: Emulator) -> None:
        ids = add_files(emulator, 70)
        assert run(client, emulator, search_and_change(delete, sort="-name")) == ids[::-1]

    @pytest.mark.parametrize("limit", [1, 7, 99, 100])
    def test_in_pages_of_the_requested_size(self, client: Client, emulator: Emulator, limit: int) -> None:
        ids = add_files(emulator, 220)

        def program(hubspot: Any) -> Any:
            pages = hubspot.files.search(limit=limit).pages()
            sizes: list[int] = []
            try:
                while True:
                    got = yield pages.__anext__() if client.asynchronous else next(pages)
                    sizes.append(len(got.items))
                    for item in got.items:
                        yield hubspot.files.delete(item.id)
            except (StopIteration, StopAsyncIteration):
                return sizes

        sizes = run(client, emulator, program)
        assert sum(sizes) == len(ids)
        assert max(sizes) <= limit
        assert 0 not in sizes
        assert all(file.state == "archived" for file in emulator.files)

    def test_up_to_max_items(self, client: Client, emulator: Emulator) -> None:
        ids = add_files(emulator, 70)
        assert run(client, emulator, search_and_change(delete, max_items=50)) == ids[:50]

    def test_from_an_offset(self, client: Client, emulator: Emulator) -> None:
        """Earlier items are not returned, even if they move behind the offset."""
        ids = add_files(emulator, 70)
        assert run(client, emulator, search_and_change(delete, after=8)) == ids[8:]
        assert [file.id for file in emulator.files if file.state == "live"] == ids[:8]

    def test_by_id(self, client: Client, emulator: Emulator) -> None:
        ids = add_files(emulator, 70)
        assert run(client, emulator, search_and_change(delete, beyond_limit=True)) == ids

    def test_of_folders(self, client: Client, emulator: Emulator) -> None:
        ids = [emulator.add_folder(f"/f{number:05}").id for number in range(70)]
        assert run(client, emulator, search_and_change(delete, "folders")) == ids
        assert all(folder.archived for folder in emulator.folders)

    def test_with_changes_by_a_copy_of_the_client(self, client: Client, emulator: Emulator) -> None:
        ids = add_files(emulator, 70)

        def program(hubspot: Any) -> Any:
            copy = hubspot.with_options(max_retries=0)
            return (yield from search_and_change(lambda files, item: copy.files.delete(item.id))(hubspot))

        assert run(client, emulator, program) == ids

    def test_with_changes_by_hubspot_request(self, client: Client, emulator: Emulator) -> None:
        ids = add_files(emulator, 70)

        def program(hubspot: Any) -> Any:
            def change(_: Any, item: Any) -> Any:
                return hubspot.request("DELETE", f"/files/v3/files/{item.id}")

            return (yield from search_and_change(change)(hubspot))

        assert run(client, emulator, program) == ids

    def test_with_a_lagging_index(self, client: Client, api: respx.MockRouter) -> None:
        """Deleted items are still found, until several pages later all of them disappear at once."""
        index = _LaggingIndex(api, 247, update_every=3)
        assert client(search_and_change(delete)) == index.ids
        assert index.deleted == set(index.ids)

    def test_with_a_lag_of_earlier_deletions(self, client: Client, api: respx.MockRouter) -> None:
        index = _LaggingIndex(api, 70, update_every=2)

        def program(hubspot: Any) -> Any:
            for number in index.ids[:10]:
                yield hubspot.files.delete(number)
            return (yield from search_and_change(None)(hubspot))

        found = client(program)
        assert set(index.ids[10:]) <= set(found)
        assert len(found) == len(set(found))

    def test_with_deletions_by_other_threads(self, emulator: Emulator) -> None:
        """The remaining items are returned, each once."""
        ids = add_files(emulator, 900)
        deleted = [ids[number] for number in range(0, 900, 2)]
        with emulator.client() as hubspot:
            deletion_started = threading.Event()

            def remove(some: list[str]) -> None:
                deletion_started.wait()
                for number in some:
                    hubspot.files.delete(number)

            threads = [threading.Thread(target=remove, args=(deleted[number::4],)) for number in range(4)]
            for thread in threads:
                thread.start()
            found = []
            for file in hubspot.files.search():
                deletion_started.set()
                found.append(file.id)
            for thread in threads:
                thread.join()
        assert len(found) == len(set(found))
        assert set(found) >= set(ids) - set(deleted)


class TestDeletingAll:
    """`for file in search(...): delete(file)` leaves nothing, or raises."""

    @pytest.mark.parametrize("by_id", [True, False])
    @pytest.mark.parametrize("filters", [{}, {"limit": 7}, {"sort": "-createdAt"}, {"beyond_limit": True}])
    def test_leaves_nothing(self, client: Client, emulator: Emulator, by_id: bool, filters: dict[str, Any]) -> None:
        add_files(emulator, 70)

        def delete(resource: Any, item: Any) -> Any:
            return resource.delete(item.id if by_id else item)

        assert len(run(client, emulator, search_and_change(delete, **filters))) == 70
        assert {file.state for file in emulator.files} == {"archived"}

    def test_of_folders(self, client: Client, emulator: Emulator) -> None:
        for number in range(50):
            emulator.add_folder(f"/f{number:05}")
        change = search_and_change(lambda resource, item: resource.delete(item), "folders")
        assert len(run(client, emulator, change)) == 50
        assert all(folder.archived for folder in emulator.folders)

    @pytest.mark.parametrize("update_every", [1, 3, 10**6])
    def test_of_more_than_can_be_paged_through_by_offset_goes_on_by_id(
        self, client: Client, api: respx.MockRouter, update_every: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Also if the index lags more than the whole iteration takes. The limit of 10,000 is 80 here."""
        monkeypatch.setattr("hubspot_files.resources.search_query._CAP", 80)
        index = _LaggingIndex(api, 200, update_every=update_every)
        found = client(search_and_change(lambda resource, item: resource.delete(item)))
        assert sorted(found) == index.ids
        assert index.deleted == set(index.ids)

    @pytest.mark.parametrize(
        ("change", "filters"),
        [(delete, {"id_lte": "{last}"}), (delete_every_third, {"limit": 6}), (rename_behind, {"max_items": 100})],
    )
    def test_of_more_than_can_be_paged_through_on_the_emulator(
        self,
        client: Client,
        emulator: Emulator,
        monkeypatch: pytest.MonkeyPatch,
        change: Change,
        filters: dict[str, Any],
    ) -> None:
        monkeypatch.setattr("hubspot_files.resources.search_query._CAP", 40)
        monkeypatch.setattr("hubspot_files.emulator._api.searches._OFFSET_LIMIT", 40)
        ids = add_files(emulator, 120)
        filters = {name: ids[-1] if value == "{last}" else value for name, value in filters.items()}
        found = run(client, emulator, search_and_change(change, **filters))
        assert len(found) == len(set(found)) == filters.get("max_items", 120)

    @pytest.mark.parametrize("filters", [{"sort": "name"}, {"after": 5}])
    def test_of_more_than_can_be_paged_through_in_an_order_raises(
        self, client: Client, api: respx.MockRouter, filters: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Otherwise the rest would be left without a word."""
        monkeypatch.setattr("hubspot_files.resources.search_query._CAP", 80)
        index = _LaggingIndex(api, 200, update_every=10**6)
        with pytest.raises(SearchLimitError, match="beyond_limit=True to page by id"):
            client(search_and_change(lambda resource, item: resource.delete(item), **filters))
        assert 75 <= len(index.deleted) <= 100

    def test_of_more_than_can_be_paged_through_by_offset_leaves_nothing_by_id(
        self, client: Client, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("hubspot_files.resources.search_query._CAP", 80)
        monkeypatch.setattr("hubspot_files.emulator._api.searches._OFFSET_LIMIT", 80)
        add_files(emulator, 200)
        change = search_and_change(lambda resource, item: resource.delete(item), beyond_limit=True)
        assert len(run(client, emulator, change)) == 200
        assert {file.state for file in emulator.files} == {"archived"}

    @pytest.mark.parametrize("filters", [{}, {"beyond_limit": True}])
    def test_leaves_only_files_that_the_index_does_not_have_yet(self, client: Client, filters: dict[str, Any]) -> None:
        with Emulator(clock=Clock(NOON, frozen=True), search_lag=60) as emulator:
            add_files(emulator, 50)
            emulator.clock.advance(61)
            late = add_files(emulator, 5)
            change = search_and_change(lambda resource, item: resource.delete(item), **filters)
            assert len(run(client, emulator, change)) == 50
            assert [file.id for file in emulator.files if file.state == "live"] == late
            emulator.clock.advance(61)
            assert run(client, emulator, change) == late
            assert {file.state for file in emulator.files} == {"archived"}


class _LaggingIndex:
    """A search index that applies deletions only with every nth page."""

    def __init__(self, api: respx.MockRouter, count: int, *, update_every: int) -> None:
        self.ids = [str(1000 + number) for number in range(count)]
        self.deleted: set[str] = set()
        self.indexed = list(self.ids)
        self.update_every = update_every
        self.pages_requested = 0
        api.get(path=FILES).mock(side_effect=self.respond)
        api.delete(path__startswith="/files/v3/files/").mock(side_effect=self.delete)

    def delete(self, request: httpx.Request) -> httpx.Response:
        self.deleted.add(request.url.path.rpartition("/")[2])
        return httpx.Response(204)

    def respond(self, request: httpx.Request) -> httpx.Response:
        self.pages_requested += 1
        if self.pages_requested % self.update_every == 0:
            self.indexed = [number for number in self.indexed if number not in self.deleted]
        params = request.url.params
        after, limit = int(params.get("after", 0)), int(params["limit"])
        lower, upper = int(params.get("idGte", 0)), int(params.get("idLte", 10**9))
        found = [number for number in self.indexed if lower <= int(number) <= upper]
        if "sort" in params:
            found.sort(key=int, reverse=params["sort"] == "-id")
        following = str(after + limit) if after + limit < len(found) else None
        return httpx.Response(
            200, json=page(({**FILE, "id": number} for number in found[after : after + limit]), following)
        )


class TestRequests:
    def test_no_additional_requests_without_changes(self, client: Client, api: respx.MockRouter) -> None:
        index = _LaggingIndex(api, 2000, update_every=1)
        assert client(lambda hubspot: hubspot.files.search()) == client(lambda hubspot: hubspot.files.search())
        assert index.pages_requested == 40

    def test_pages_overlap_by_one_after_a_possible_change(self, client: Client, emulator: Emulator) -> None:
        """For example after an upload, which a search may not show yet."""
        ids = add_files(emulator, 350)

        def program(hubspot: Any) -> Any:
            new = yield hubspot.files.upload(b"x", name="new.txt", folder_path="/in")
            found = yield from search_and_change(None, limit=100)(hubspot)
            return new.id, found

        new, found = run(client, emulator, program)
        assert found == [*ids, new]
        offsets = [request.query.get("after") for request in emulator.requests if request.operation == "searchFiles"]
        assert offsets == [None, "99", "198", "297"]

    def test_pages_do_not_overlap_long_after_a_change(self, client: Client, emulator: Emulator, clock: Any) -> None:
        add_files(emulator, 250)

        def program(hubspot: Any) -> Any:
            yield hubspot.files.upload(b"x", name="new.txt", folder_path="/in")
            yield from search_and_change(None, limit=100)(hubspot)
            clock.now += 601
            emulator.requests.clear()
            yield from search_and_change(None, limit=100)(hubspot)

        run(client, emulator, program)
        assert [request.query.get("after") for request in emulator.requests] == [None, "100", "200"]

    def test_a_page_is_requested_again_after_a_change_in_flight(self, api: respx.MockRouter) -> None:
        """A page requested before a deletion and sent after it does not continue the previous page."""
        index = _LaggingIndex(api, 250, update_every=1)
        with HubSpotFiles("token") as hubspot:

            def respond(request: httpx.Request) -> httpx.Response:
                if request.url.params.get("after") == "100":
                    hubspot.files.delete(index.ids[3])
                return index.respond(request)

            api.get(path=FILES).mock(side_effect=respond)
            assert [file.id for file in hubspot.files.search()] == index.ids
        offsets = [call.request.url.params.get("after") for call in api.calls if call.request.method == "GET"]
        assert offsets == [None, "100", "99", "98", "197"]


class TestTermination:
    def test_with_a_random_order(self, client: Client, api: respx.MockRouter) -> None:
        ids = [str(number) for number in range(1, 501)]
        chance = random.Random(7)

        def respond(request: httpx.Request) -> httpx.Response:
            order = chance.sample(ids, len(ids))
            after, limit = int(request.url.params.get("after", 0)), int(request.url.params["limit"])
            following = str(after + limit) if after + limit < len(order) else None
            return httpx.Response(
                200, json=page(({**FILE, "id": number} for number in order[after:][:limit]), following)
            )

        api.get(path=FILES).mock(side_effect=respond)
        api.patch(path__startswith="/files/v3/files/").mock(
            side_effect=lambda request: httpx.Response(200, json={**FILE, "id": request.url.path.rpartition("/")[2]})
        )
        found = client(search_and_change(rename_behind))
        assert len(found) == len(set(found)) <= len(ids)

    @pytest.mark.unlike_hubspot("a search that ignores the offset")
    def test_without_new_results(self, client: Client, api: respx.MockRouter) -> None:
        cursors = iter(range(10**6))
        route = api.get(path=FILES).mock(
            side_effect=lambda request: httpx.Response(200, json=page([FILE], f"cursor-{next(cursors)}"))
        )
        with pytest.raises(SearchLimitError, match=r"change faster than they can be paged through.* beyond_limit=True"):
            client(lambda hubspot: hubspot.files.search())
        assert route.call_count == 1002

    @pytest.mark.promise("`SearchLimitError` is also raised if results change faster than their pages arrive.")
    def test_with_a_program_that_adds_items(
        self, client: Client, api: respx.MockRouter, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A program that copies and deletes each item would otherwise never end. The limit of 10,000 is 400 here."""
        monkeypatch.setattr("hubspot_files.resources.search_query._CAP", 400)
        index = _LaggingIndex(api, 100, update_every=1)

        def change(files: Any, item: Any) -> Any:
            index.ids.append(str(int(index.ids[-1]) + 1))
            index.indexed.append(index.ids[-1])
            return files.delete(item.id)

        with pytest.raises(SearchLimitError, match="results were added during the iteration"):
            client(search_and_change(change))
        assert 400 <= len(index.deleted) < 700

    @pytest.mark.parametrize(("count", "more"), [(1000, False), (1010, True)])
    def test_at_the_result_limit(
        self, client: Client, api: respx.MockRouter, count: int, more: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("hubspot_files.resources.search_query._CAP", 1000)
        index = _LaggingIndex(api, count, update_every=1)

        def program(hubspot: Any) -> Any:
            yield hubspot.files.delete(1)
            return (yield from search_and_change(None)(hubspot))

        if more:
            with pytest.raises(SearchLimitError, match=r"pages through 1,000 results"):
                client(program)
        else:
            assert client(program) == index.ids

    @pytest.mark.unlike_hubspot("cursors of a later version")
    def test_with_cursors_that_are_no_numbers(self, client: Client, api: respx.MockRouter) -> None:
        """Such cursors are not offsets, so items cannot move across them."""
        api.delete(path__startswith="/files/v3/files/").respond(204)
        route = api.get(path=FILES).mock(
            side_effect=[
                httpx.Response(200, json=page([FILE], "b3BhcXVl")),
                httpx.Response(200, json=page([{**FILE, "id": "2"}])),
            ]
        )
        assert client(search_and_change(delete)) == ["1", "2"]
        assert route.call_count == 2
