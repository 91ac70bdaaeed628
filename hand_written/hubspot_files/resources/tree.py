"""The files of a folder and of all folders below it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from .._engine.context import start_call
from .._engine.effects import Flow
from .._engine.settings import Settings
from .._errors import ArgumentValueError
from .._http.timeouts import Timeout
from .._operations import file_calls
from .._operations.prepared_call import perform_by_path
from .._validation import shown
from .search_query import Page, SearchQuery

if TYPE_CHECKING:
    from hubspot_files_api.models import File, Folder

T = TypeVar("T")

# Maximum number of folders per request, which keeps its URL below 2 kB.
_FOLDERS_PER_REQUEST = 50


class TreeQuery(SearchQuery["File"]):
    """A walk through a folder, level by level: a search whose pages come from several ones.

    Args:
        settings: settings of the client.
        place: path of the folder for use in a URL, or None for the whole account.
        files: returns the search for the files directly in folders, or in the account for None.
        folders: returns the search for the folders directly in folders.
        timeout: timeout of each request.
    """

    def __init__(
        self,
        settings: Settings,
        place: str | None,
        files: Callable[[list[str] | None], SearchQuery[File]],
        folders: Callable[[list[str]], SearchQuery[Folder]],
        timeout: Timeout,
    ) -> None:
        account = files(None)
        super().__init__(
            settings, account.call_for, account.filters, max_items=None, beyond_limit=True, timeout=timeout
        )
        self._place = place
        self._files = files
        self._folders = folders

    def each_page(self) -> Iterator[Flow[Page[File]]]:
        """Iterate over one flow per request. The pages of requests for folders are empty."""
        if self._place is None:
            yield from super().each_page()
            return
        left: list[str] = []
        yield self._start(self._place, left)
        while left:
            ids = left[:_FOLDERS_PER_REQUEST]
            del left[:_FOLDERS_PER_REQUEST]
            yield from self._files(ids).each_page()
            for flow in self._folders(ids).each_page():
                yield _collect(flow, left)

    def _start(self, place: str, left: list[str]) -> Flow[Page[File]]:
        """Look up the folder at the path.

        Raises:
            ValueError: there is a file at the path.
        """

        def call_for(quoted: bool) -> Any:
            return file_calls.stat_path(self.settings.api_version, place, properties=None, quoted=quoted)

        context = yield from start_call(self.settings, self.timeout)
        stat, _ = yield from perform_by_path(context, call_for, place)
        if stat.folder is None:
            raise ArgumentValueError(f"folder_path {shown(f'/{place}')} is a file, not a folder")
        left.append(stat.folder.id)
        return Page([], None)


def _collect(flow: Flow[Page[Folder]], ids: list[str]) -> Flow[Page[File]]:
    """Add the ids of the folders on a page."""
    page = yield from flow
    ids += [folder.id for folder in page.items]
    return Page([], None, page.unreadable)
