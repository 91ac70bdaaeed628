"""Searches whose results the client changes while it walks them: every file is given once, and the walk ends."""

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


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(clock=Clock(NOON, frozen=True)) as emulator:
        yield emulator


def add_files(emulator: Emulator, count: int) -> list[str]:
    """The ids of so many files."""
    return [emulator.add_file(f"/in/f{number:05}.txt", b"x").id for number in range(count)]


def searches(emulator: Emulator) -> int:
    return sum(request.operation in ("searchFiles", "searchFolders") for request in emulator.requests)


def run(client: Client, emulator: Emulator, program: Callable[[Any], Any]) -> Any:
    return client(program, access_token=emulator.token, http_client=client.http(emulator.transport))


def search_and_change(change: Change | None, kind: str = "files", **filters: Any) -> Callable[[Any], Any]:
    """A program that walks a search, changes each item as it comes, and gives the ids in the order that they came."""

    def program(hubspot: Any) -> Any:
        resource = getattr(hubspot, kind)
        pages = resource.search(**filters).pages()
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


class TestEachFileIsGivenOnce:
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
    @pytest.mark.parametrize(("count", "most"), [(350, 16), (1234, 60)])
    def test_whatever_is_changed(
        self, client: Client, emulator: Emulator, change: Change, filters: dict[str, Any], count: int, most: int
    ) -> None:
        ids = add_files(emulator, count)
        emulator.add_folder("/out")
        if "parent_folder_ids" in filters:
            filters = {"parent_folder_ids": [emulator.add_folder("/in").id]}
        found = run(client, emulator, search_and_change(change, **filters))
        assert sorted(found) == sorted(ids)
        assert searches(emulator) <= most

    def test_in_the_order_that_was_asked_for(self, client: Client, emulator: Emulator) -> None:
        ids = add_files(emulator, 350)
        assert run(client, emulator, search_and_change(delete, sort="-name")) == ids[::-1]

    @pytest.mark.parametrize("limit", [1, 7, 99, 100])
    def test_in_pages_of_the_size_that_was_asked_for(self, client: Client, emulator: Emulator, limit: int) -> None:
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
        ids = add_files(emulator, 350)
        assert run(client, emulator, search_and_change(delete, max_items=250)) == ids[:250]

    def test_from_an_offset_on(self, client: Client, emulator: Emulator) -> None:
        """What is before it is not given, though it is now where the rest has been."""
        ids = add_files(emulator, 350)
        assert run(client, emulator, search_and_change(delete, after=40)) == ids[40:]
        assert [file.id for file in emulator.files if file.state == "live"] == ids[:40]

    def test_by_id(self, client: Client, emulator: Emulator) -> None:
        ids = add_files(emulator, 350)
        assert run(client, emulator, search_and_change(delete, beyond_limit=True)) == ids

    def test_of_folders(self, client: Client, emulator: Emulator) -> None:
        ids = [emulator.add_folder(f"/f{number:05}").id for number in range(350)]
        assert run(client, emulator, search_and_change(delete, "folders")) == ids
        assert all(folder.archived for folder in emulator.folders)

    def test_where_a_copy_changes_them(self, client: Client, emulator: Emulator) -> None:
        ids = add_files(emulator, 350)

        def program(hubspot: Any) -> Any:
            copy = hubspot.with_options(max_retries=0)
            return (yield from search_and_change(lambda files, item: copy.files.delete(item.id))(hubspot))

        assert run(client, emulator, program) == ids

    def test_where_a_request_of_ones_own_changes_them(self, client: Client, emulator: Emulator) -> None:
        ids = add_files(emulator, 350)

        def program(hubspot: Any) -> Any:
            def change(_: Any, item: Any) -> Any:
                return hubspot.request("DELETE", f"/files/v3/files/{item.id}")

            return (yield from search_and_change(change)(hubspot))

        assert run(client, emulator, program) == ids

    def test_where_the_index_lags(self, client: Client, api: respx.MockRouter) -> None:
        """What was deleted is still found, until all that was deleted so far is gone at once, several pages later."""
        index = _LaggingIndex(api, 1234, update_every=3)
        assert client(search_and_change(delete)) == index.ids
        assert index.deleted == set(index.ids)

    def test_where_what_was_deleted_before_is_gone_only_now(self, client: Client, api: respx.MockRouter) -> None:
        index = _LaggingIndex(api, 350, update_every=2)

        def program(hubspot: Any) -> Any:
            for number in index.ids[:50]:
                yield hubspot.files.delete(number)
            return (yield from search_and_change(None)(hubspot))

        found = client(program)
        assert set(index.ids[50:]) <= set(found)
        assert len(found) == len(set(found))

    def test_where_threads_delete_others(self, emulator: Emulator) -> None:
        """Those that are still there at the end are given, and nothing is given twice."""
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


class _LaggingIndex:
    """A search that shows deletions only with every so manieth page, all at once."""

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
        after, limit = int(request.url.params.get("after", 0)), int(request.url.params["limit"])
        found = self.indexed[after : after + limit]
        following = str(after + limit) if after + limit < len(self.indexed) else None
        return httpx.Response(200, json=page(({**FILE, "id": number} for number in found), following))


class TestCalls:
    def test_are_no_more_than_before_where_nothing_changes(self, client: Client, api: respx.MockRouter) -> None:
        index = _LaggingIndex(api, 10_000, update_every=1)
        assert client(lambda hubspot: hubspot.files.search()) == client(lambda hubspot: hubspot.files.search())
        assert index.pages_requested == 200

    def test_overlap_by_one_where_something_may_have_changed(self, client: Client, emulator: Emulator) -> None:
        """Such as an upload just before: a search may not show it yet."""
        ids = add_files(emulator, 350)

        def program(hubspot: Any) -> Any:
            new = yield hubspot.files.upload(b"x", name="new.txt", folder_path="/in")
            found = yield from search_and_change(None)(hubspot)
            return new.id, found

        new, found = run(client, emulator, program)
        assert found == [*ids, new]
        offsets = [request.query.get("after") for request in emulator.requests if request.operation == "searchFiles"]
        assert offsets == [None, "99", "198", "297"]

    def test_do_not_overlap_where_the_change_is_long_ago(self, client: Client, emulator: Emulator, clock: Any) -> None:
        add_files(emulator, 250)

        def program(hubspot: Any) -> Any:
            yield hubspot.files.upload(b"x", name="new.txt", folder_path="/in")
            yield from search_and_change(None)(hubspot)
            clock.now += 601
            emulator.requests.clear()
            yield from search_and_change(None)(hubspot)

        run(client, emulator, program)
        assert [request.query.get("after") for request in emulator.requests] == [None, "100", "200"]

    def test_are_made_again_where_something_changes_meanwhile(self, api: respx.MockRouter) -> None:
        """A page that was asked for before a deletion, and answered after it, does not follow the one before."""
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


class TestTheEnd:
    def test_comes_where_the_order_is_another_each_time(self, client: Client, api: respx.MockRouter) -> None:
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
    def test_comes_where_no_request_brings_anything_new(self, client: Client, api: respx.MockRouter) -> None:
        cursors = iter(range(10**6))
        route = api.get(path=FILES).mock(
            side_effect=lambda request: httpx.Response(200, json=page([FILE], f"cursor-{next(cursors)}"))
        )
        with pytest.raises(SearchLimitError, match=r"change faster than they can be paged through.* beyond_limit=True"):
            client(lambda hubspot: hubspot.files.search())
        assert route.call_count == 1002

    @pytest.mark.promise("`SearchLimitError` is also raised if results change faster than their pages arrive.")
    def test_comes_where_each_page_makes_more(self, client: Client, api: respx.MockRouter) -> None:
        """A program that copies what it finds, and deletes it, would go on for ever."""
        index = _LaggingIndex(api, 500, update_every=1)

        def change(files: Any, item: Any) -> Any:
            index.ids.append(str(int(index.ids[-1]) + 1))
            index.indexed.append(index.ids[-1])
            return files.delete(item.id)

        with pytest.raises(SearchLimitError, match=r"pages through 10,000 results"):
            client(search_and_change(change))
        assert 10_000 <= len(index.deleted) < 10_100

    @pytest.mark.parametrize(("count", "more"), [(10_000, False), (10_050, True)])
    def test_comes_at_the_cap(self, client: Client, api: respx.MockRouter, count: int, more: bool) -> None:
        index = _LaggingIndex(api, count, update_every=1)

        def program(hubspot: Any) -> Any:
            yield hubspot.files.delete(1)
            return (yield from search_and_change(None)(hubspot))

        if more:
            with pytest.raises(SearchLimitError, match=r"pages through 10,000 results"):
                client(program)
        else:
            assert client(program) == index.ids

    @pytest.mark.unlike_hubspot("cursors of a later version")
    def test_comes_by_cursors_that_are_no_numbers(self, client: Client, api: respx.MockRouter) -> None:
        """They are no offsets, which results could move away from."""
        api.delete(path__startswith="/files/v3/files/").respond(204)
        route = api.get(path=FILES).mock(
            side_effect=[
                httpx.Response(200, json=page([FILE], "b3BhcXVl")),
                httpx.Response(200, json=page([{**FILE, "id": "2"}])),
            ]
        )
        assert client(search_and_change(delete)) == ["1", "2"]
        assert route.call_count == 2
