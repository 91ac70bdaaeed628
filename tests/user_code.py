"""User code for type checkers: every operation of both clients, and its result. It is never run."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

import csv
import io
import os
import shutil
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any, BinaryIO, assert_type

import anyio
import httpx

from hubspot_files import (
    Access,
    APIError,
    ApiVersion,
    AsyncContentStream,
    AsyncFileReader,
    AsyncFileWriter,
    AsyncHubSpotFiles,
    AsyncPager,
    AsyncTask,
    AuthenticationError,
    ConnectionFailedError,
    ContentStream,
    DuplicateCheck,
    DuplicateScope,
    DuplicateStrategy,
    File,
    FileReader,
    FileStat,
    FileTokenStore,
    FileWriter,
    Folder,
    FolderUpdateTask,
    HubSpotFiles,
    HubSpotFilesError,
    ImportTask,
    InvalidArgumentError,
    InvalidGrantError,
    NewAccessName,
    OAuthCredentials,
    OAuthTokens,
    Page,
    Pager,
    PermissionDeniedError,
    Progress,
    RateLimitError,
    Response,
    ResponseInfo,
    SignedUrl,
    SignedUrlSize,
    Source,
    Task,
    TaskFailedError,
    TaskStatus,
    TaskTimeoutError,
    TextFileWriter,
    Timeout,
    TokenInfo,
    TokenStore,
    TokenStoreError,
)
from hubspot_files.transfers import (
    AsyncTransferResults,
    Outcome,
    Plan,
    PlannedAction,
    RemotePath,
    TransferEvent,
    TransferReport,
    TransferResult,
    TransferResults,
)
from hubspot_files_api import AuthenticatedClient
from hubspot_files_api.api.files import get_file
from hubspot_files_api.versions import KnownVersion


class Row:
    """A store of the user's."""

    def __init__(self) -> None:
        self.tokens: OAuthTokens | None = None

    def load(self) -> OAuthTokens | None:
        return self.tokens

    def save(self, tokens: OAuthTokens) -> None:
        self.tokens = OAuthTokens.from_dict(tokens.to_dict())


def credentials() -> None:
    store: TokenStore = Row()
    own = OAuthCredentials("id", "secret", "refresh", store=store, api_version="2026-09", http_client=httpx.Client())
    file = OAuthCredentials("id", "secret", store=FileTokenStore(Path("tokens.json"), lock_timeout=60))
    exchanged = OAuthCredentials.exchange_code("id", "secret", "code", "https://a.test", code_verifier="v", store=store)
    assert_type(exchanged, OAuthCredentials)
    HubSpotFiles(own).with_options(access_token=file)
    AsyncHubSpotFiles(exchanged).with_options(access_token=own)
    assert_type(own(), str)
    assert_type(own.introspect(), TokenInfo)
    assert_type(own.introspect().scopes, tuple[str, ...])
    try:
        own.revoke()
    except InvalidGrantError as error:
        assert_type(error.sub_category, str | None)
    except TokenStoreError as error:
        if error.credentials is not None:
            assert_type(error.credentials(), str)
    OAuthCredentials("id", "secret", store=Path("tokens.json"))  # type: ignore[arg-type]


def clients() -> None:
    assert_type(HubSpotFiles(), HubSpotFiles)
    HubSpotFiles("token", base_url="https://api.hubapi.com", timeout=5, max_retries=0)
    HubSpotFiles(lambda: "token", timeout=httpx.Timeout(5.0, read=None), http_client=httpx.Client())
    HubSpotFiles(access_token=os.environ["TOKEN"])
    HubSpotFiles(api_version="2026-03").with_options(api_version="2027-03-beta")
    version: ApiVersion = "v3"
    known: KnownVersion = "2026-09"
    AsyncHubSpotFiles(api_version=version).with_options(api_version=known)
    with HubSpotFiles() as hubspot:
        assert_type(hubspot, HubSpotFiles)
        assert_type(hubspot.close(), None)
        assert_type(hubspot.api, AuthenticatedClient)
        get_file.sync_detailed("1", client=hubspot.api)
        assert_type(hubspot.with_options(timeout=1.5, max_retries=1, on_response=show), HubSpotFiles)
        response = hubspot.request("GET", "/files/v3/files/1", params={"properties": ["size"]}, headers={"x-a": "1"})
        assert_type(response, Response)
        assert_type(response.status_code, int)
        assert_type(response.headers, httpx.Headers)
        assert_type(response.content, bytes)
        assert_type(response.json(), Any)


async def async_clients() -> None:
    async def token() -> str:
        return "token"

    AsyncHubSpotFiles(token)
    AsyncHubSpotFiles(lambda: "token", http_client=httpx.AsyncClient())
    async with AsyncHubSpotFiles("token") as hubspot:
        assert_type(hubspot, AsyncHubSpotFiles)
        assert_type(await hubspot.close(), None)
        assert_type(hubspot.api, AuthenticatedClient)
        await get_file.asyncio_detailed("1", client=hubspot.api)
        assert_type(hubspot.with_options(access_token=token), AsyncHubSpotFiles)
        assert_type(await hubspot.request("POST", "/path", json={"a": 1}, timeout=5), Response)


def show(info: ResponseInfo) -> None:
    assert_type(info.operation, str)
    assert_type(info.path, str)
    assert_type(info.status_code, int)
    assert_type(info.headers["x-hubspot-ratelimit-remaining"], str)
    assert_type(info.seconds, float)
    assert_type(info.attempt, int)


def progress(sent: int, total: int, attempt: int) -> None:
    print(f"{sent} of {total}, attempt {attempt}")


def files(hubspot: HubSpotFiles) -> None:
    file = hubspot.files.upload("cat.png", folder_path="/library/cat_archive")
    assert_type(file, File)
    assert_type(
        hubspot.files.upload(
            Path("cat.png"),
            access=Access.SENSITIVE,
            folder_id=1,
            name="cat.png",
            ttl=timedelta(days=30),
            overwrite=True,
            duplicates=DuplicateCheck(DuplicateStrategy.REJECT, DuplicateScope.EXACT_FOLDER),
            charset_hunch="utf-8",
            on_progress=progress,
            timeout=httpx.Timeout(5.0),
        ),
        File,
    )
    hubspot.files.upload(
        b"cat", access="PRIVATE", folder_id="1", name="a", ttl="P3M", duplicates=DuplicateCheck("NONE")
    )
    hubspot.files.upload(io.BytesIO(b"cat"), folder_path="/", name="a")
    hubspot.files.upload(bytearray(b"cat"), folder_path="/", name="a")
    hubspot.files.upload(memoryview(b"cat"), folder_path="/", name="a")
    with open("cat.png", "rb") as stream, open("cat.png", "rb", buffering=0) as raw:
        hubspot.files.upload(stream, folder_path="/", on_progress=lambda sent, total, attempt: None)
        hubspot.files.upload(raw, folder_path="/")

    assert_type(hubspot.files.replace("1", "cat.png", access="PRIVATE", expires_at=datetime.now(UTC)), File)
    assert_type(hubspot.files.get(1), File)
    assert_type(hubspot.files.get("1", properties=["size"], timeout=5), File)
    assert_type(
        hubspot.files.update(
            "1",
            name="cat",
            access=Access.PRIVATE,
            parent_folder_id="2",
            expires_at=datetime.now(UTC),
            is_usable_in_content=False,
        ),
        File,
    )
    assert_type(hubspot.files.update(1, parent_folder_path="/", clear_expires=True), File)

    stat = hubspot.files.stat("/library/cat.png", properties={"size"})
    assert_type(stat, FileStat)
    assert_type(stat.file, File | None)
    assert_type(stat.folder, Folder | None)

    pager = hubspot.files.search(
        extension="png",
        sort="-createdAt",
        ids=[1, "2"],
        created_at_gte=datetime.now(UTC),
        size_lte=1000,
        max_items=50,
        beyond_limit=False,
    )
    assert_type(pager, Pager[File])
    for found in pager:
        assert_type(found, File)
    for page in pager.pages():
        assert_type(page, Page[File])
        assert_type(page.items, list[File])
        assert_type(page.next_after, str | None)

    signed = hubspot.files.signed_url("1", size=SignedUrlSize.THUMB, upscale=True, expires_in=timedelta(minutes=10))
    assert_type(signed, SignedUrl)
    assert_type(hubspot.files.signed_url(1, size="icon", expires_in=600, properties=["width"]), SignedUrl)
    assert_type(hubspot.files.signed_url_cache.get("1", expires_in=600), SignedUrl)
    assert_type(hubspot.files.signed_url_cache.clear(), None)

    assert_type(hubspot.files.download("1", "cat.png"), Path)
    assert_type(hubspot.files.download("1", Path("folder")), Path)
    assert_type(hubspot.files.download("1", Path("folder"), if_exists="number"), Path)
    assert_type(hubspot.files.download("1", io.BytesIO()), None)
    source: Source = b""
    report: Progress = print
    seconds: Timeout = 5
    level: NewAccessName = "SENSITIVE"
    hubspot.files.upload(source, folder_path="/", name="a", access=level, on_progress=report, timeout=seconds)
    hubspot.files.upload("a", folder_path="/", access="public")  # type: ignore[arg-type]
    hubspot.files.upload("a", folder_path="/", access="HIDDEN_PRIVATE")  # type: ignore[arg-type]
    hubspot.files.update("1", access="HIDDEN_PRIVATE")
    hubspot.files.signed_url(1, size="huge")  # type: ignore[arg-type]
    hubspot.files.search(sort="created")  # type: ignore[arg-type]
    hubspot.files.search(sort=["-created_at", "updatedAt"], type="IMG")
    hubspot.files.search(type="image")  # type: ignore[arg-type]
    hubspot.folders.search(sort="size")  # type: ignore[arg-type]
    DuplicateCheck("RETURN", "EXACT_FOLDER")  # type: ignore[arg-type]
    DuplicateCheck("RETURN_EXISTING", "EXACT_FOLDER")
    try:
        hubspot.files.get("/cat.png")
    except InvalidArgumentError as error:
        assert_type(error.args, tuple[Any, ...])
    files = {hubspot.files.get("1")}
    assert_type([file.full_name for file in files], list[str])
    with open("cat.png", "wb") as out:
        hubspot.files.download(1, out, timeout=5)
    assert_type(hubspot.files.read("1"), bytes)
    assert_type(hubspot.files.read("1", limit=1000), bytes)
    assert_type(hubspot.files.stream("1"), ContentStream)
    with hubspot.files.stream("1") as content:
        assert_type(content, ContentStream)
        assert_type(content.file, File)
        for chunk in content:
            assert_type(chunk, bytes)
        assert_type(content.read(1), bytes)
        csv.reader(io.TextIOWrapper(content))
        shutil.copyfileobj(content, io.BytesIO())
    hubspot.files.download(1, "cat.png", on_progress=lambda received, total, attempt: print(received / total, attempt))

    assert_type(hubspot.files.open("1"), FileReader)
    assert_type(hubspot.files.open(file, "rb", block_size=1 << 16, cache_size=1 << 20).read(1), bytes)
    assert_type(hubspot.files.open("/a.csv", "r", encoding="utf-8", newline=""), io.TextIOWrapper)
    assert_type(hubspot.files.open("/a.csv", "wb", access=Access.PRIVATE), FileWriter)
    assert_type(hubspot.files.open("/a.csv", "x"), TextFileWriter)
    with hubspot.files.open("/a.zip", "xb") as writer, zipfile.ZipFile(writer, "w") as bundle:
        bundle.writestr("a", "a")
    assert_type(writer.file, File)
    with hubspot.files.open(writer.file) as reader, zipfile.ZipFile(reader) as bundle:
        assert_type(reader.file, File)
    with hubspot.files.open("/a.csv", "w") as text:
        csv.writer(text).writerow(["a"])
    mode: str = str(file.encoding)
    with hubspot.files.open("/a.csv", mode) as either:
        assert_type(either, FileReader | FileWriter | io.TextIOWrapper | TextFileWriter)
    hubspot.files.open(1.5)  # type: ignore[call-overload]

    task = hubspot.files.import_from_url("https://example.net/a.pdf", folder_path="/in", ttl="P1D")
    assert_type(task, Task[File])
    assert_type(task.id, str)
    assert_type(task.state, ImportTask | FolderUpdateTask | None)
    assert_type(task.refresh(), ImportTask | FolderUpdateTask)
    assert_type(task.refresh().status, TaskStatus | None)
    assert_type(task.wait(deadline=60, on_poll=lambda state: print(state.status)), File)
    assert_type(hubspot.files.get_import_task("id").wait(deadline=timedelta(minutes=1)), File)

    assert_type(hubspot.files.delete("1"), None)
    assert_type(hubspot.files.delete(hubspot.files.get("1")), None)
    assert_type(hubspot.files.read(hubspot.files.get("1")), bytes)
    assert_type(hubspot.folders.delete(hubspot.folders.get("1")), None)
    assert_type(hubspot.files.gdpr_delete(1, timeout=5), None)


class FileStorage:
    """An upload like Flask's."""

    filename: str | None = None
    stream: IO[bytes] = io.BytesIO()


class UploadFile:
    """An upload like FastAPI's."""

    filename: str | None = None
    file: BinaryIO = io.BytesIO()

    async def read(self, size: int = -1) -> bytes:
        return b""


def uploads(hubspot: HubSpotFiles) -> None:
    hubspot.files.upload(FileStorage(), folder_path="/")
    hubspot.files.upload(UploadFile(), folder_path="/")
    hubspot.files.replace(1, FileStorage(), access="PRIVATE")


async def streams_that_are_awaited(hubspot: AsyncHubSpotFiles) -> None:
    async with await anyio.open_file("cat.png", "rb") as source:
        await hubspot.files.upload(source, folder_path="/")
    async with await anyio.open_file("cat.png", "wb") as destination:
        await hubspot.files.download("1", destination)
    await hubspot.files.upload(UploadFile(), folder_path="/")


async def async_files(hubspot: AsyncHubSpotFiles) -> None:
    file = await hubspot.files.upload("cat.png", folder_path="/library/cat_archive")
    assert_type(file, File)
    assert_type(
        await hubspot.files.upload(
            Path("cat.png"),
            access=Access.SENSITIVE,
            folder_id=1,
            name="cat.png",
            ttl=timedelta(days=30),
            overwrite=True,
            duplicates=DuplicateCheck("REJECT", "EXACT_FOLDER"),
            charset_hunch="utf-8",
            on_progress=progress,
            timeout=5,
        ),
        File,
    )
    assert_type(await hubspot.files.replace("1", b"cat", access=Access.PRIVATE, name="cat.png"), File)
    assert_type(await hubspot.files.get(1), File)
    assert_type(await hubspot.files.update("1", name="cat"), File)
    assert_type(await hubspot.files.stat("/library/cat.png"), FileStat)

    pager = hubspot.files.search(extension="png", sort=["name", "-createdAt"])
    assert_type(pager, AsyncPager[File])
    async for found in pager:
        assert_type(found, File)
    async for page in pager.pages():
        assert_type(page, Page[File])

    assert_type(await hubspot.files.signed_url("1", expires_in=600), SignedUrl)
    assert_type(await hubspot.files.signed_url_cache.get("1"), SignedUrl)
    assert_type(hubspot.files.signed_url_cache.clear(), None)
    assert_type(await hubspot.files.download("1", "cat.png"), Path)
    assert_type(await hubspot.files.read("1"), bytes)
    assert_type(hubspot.files.stream("1"), AsyncContentStream)
    async with hubspot.files.stream("1") as content:
        assert_type(content, AsyncContentStream)
        assert_type(content.file, File)
        async for chunk in content:
            assert_type(chunk, bytes)
        assert_type(await content.read(), bytes)
        assert_type(await content.readline(), bytes)

    async with await hubspot.files.open("/a.csv") as reader:
        assert_type(reader, AsyncFileReader)
        assert_type(await reader.seek(0, io.SEEK_END), int)
        async for line in reader:
            assert_type(line, bytes)
    async with await hubspot.files.open("/a.csv", "wb") as writer:
        assert_type(writer, AsyncFileWriter)
        assert_type(await writer.write(b"a"), int)

    task = await hubspot.files.import_from_url("https://example.net/a.pdf", folder_id=1)
    assert_type(task, AsyncTask[File])
    assert_type(await task.refresh(), ImportTask | FolderUpdateTask)
    assert_type(await task.wait(deadline=60), File)
    assert_type(await (await hubspot.files.get_import_task("id")).wait(), File)

    assert_type(await hubspot.files.delete("1"), None)
    assert_type(await hubspot.files.gdpr_delete("1"), None)


def folders(hubspot: HubSpotFiles) -> None:
    assert_type(hubspot.folders.create("cats", parent_path="/library"), Folder)
    assert_type(hubspot.folders.create("cats", parent_folder_id=1, timeout=5), Folder)
    assert_type(hubspot.folders.get("1", properties=["name"]), Folder)
    assert_type(hubspot.folders.get_by_path("/library"), Folder)
    assert_type(hubspot.folders.search(name="cats", parent_folder_ids=["1"]), Pager[Folder])
    for folder in hubspot.folders.search(beyond_limit=True):
        assert_type(folder, Folder)
        assert_type(folder.parent_folder_id, str | None)
    assert_type(hubspot.folders.update("1", name="dogs"), Folder)
    task = hubspot.folders.update_recursively(1, parent_folder_id="2")
    assert_type(task, Task[Folder])
    assert_type(task.wait(), Folder)
    assert_type(hubspot.folders.get_update_task("id"), Task[Folder])
    assert_type(hubspot.folders.delete("1"), None)
    assert_type(hubspot.folders.delete_by_path("/library"), None)


async def async_folders(hubspot: AsyncHubSpotFiles) -> None:
    assert_type(await hubspot.folders.create("cats"), Folder)
    assert_type(await hubspot.folders.get(1), Folder)
    assert_type(await hubspot.folders.get_by_path("/library"), Folder)
    assert_type(hubspot.folders.search(path="/library"), AsyncPager[Folder])
    async for folder in hubspot.folders.search():
        assert_type(folder, Folder)
    assert_type(await hubspot.folders.update("1", parent_folder_id=2), Folder)
    task = await hubspot.folders.update_recursively(1, name="dogs")
    assert_type(task, AsyncTask[Folder])
    assert_type(await task.wait(deadline=60), Folder)
    assert_type(await hubspot.folders.get_update_task("id"), AsyncTask[Folder])
    assert_type(await hubspot.folders.delete("1"), None)
    assert_type(await hubspot.folders.delete_by_path("/library"), None)


def results(file: File, folder: Folder, signed: SignedUrl, task: ImportTask) -> None:
    assert_type(file.id, str)
    assert_type(file.access, Access | None)
    assert file.access is not None
    assert_type(file.access.is_known, bool)
    assert_type(file.created_at, datetime | None)
    assert_type(file.archived, bool | None)
    assert_type(file.name, str | None)
    assert_type(file.size, int | None)
    assert_type(file.type_, str | None)
    assert_type(file.expires_at, int | None)
    assert_type(folder.path, str | None)
    assert_type(signed.url, str)
    assert_type(signed.expires_at, datetime)
    assert_type(signed.remaining(), timedelta)
    assert_type(signed.is_expired(leeway=timedelta(minutes=1)), bool)
    assert_type(signed.size, int | None)
    assert_type(task.result, File | None)
    assert_type(task.completed_at, datetime | None)


def errors(hubspot: HubSpotFiles) -> None:
    try:
        hubspot.files.get_import_task("id").wait(deadline=1)
    except TaskFailedError as error:
        assert_type(error.reasons, list[str])
    except TaskTimeoutError as error:
        assert_type(error.task, Task[Any] | AsyncTask[Any] | None)
    except RateLimitError as error:
        assert_type(error.policy, str | None)
        assert_type(error.retry_after, float | None)
    except PermissionDeniedError as error:
        assert_type(error.missing_scopes, list[str])
    except (AuthenticationError, ConnectionFailedError):
        raise
    except APIError as error:
        assert_type(error.status_code, int)
        assert_type(error.category, str | None)
        assert_type(error.correlation_id, str | None)
        assert_type(error.errors, list[Mapping[str, Any]])
        assert_type(error.headers, Mapping[str, str])
    except HubSpotFilesError as error:
        assert_type(error, HubSpotFilesError)


def transfers(hubspot: HubSpotFiles) -> None:
    plan = hubspot.transfers.plan_sync("site", RemotePath("/site"), delete=True, max_delete=5)
    assert_type(plan, Plan)
    assert_type(list(plan), list[PlannedAction])
    report = hubspot.transfers.run(plan, digest=plan.digest, on_event=on_event)
    assert_type(report, TransferReport)
    assert_type(hubspot.transfers.upload_folder(Path("site"), "/site", include=["*.png"]), TransferReport)
    assert_type(hubspot.transfers.download_folder("/site", "site", if_collision="refuse"), TransferReport)
    assert_type(hubspot.transfers.sync("hubspot:/site", "site", workers=4), TransferReport)
    assert_type(list(hubspot.transfers.upload_many(["a"], "/")), list[TransferResult])
    assert_type(hubspot.transfers.download_many(hubspot.files.search(), "images"), TransferResults)
    assert_type(hubspot.transfers.plan_upload_many(["a"], "/", access="PRIVATE"), Plan)
    hubspot.transfers.sync("site", "hubspot:/site", max_delete="5")  # type: ignore[arg-type]


async def async_transfers(hubspot: AsyncHubSpotFiles) -> None:
    assert_type(await hubspot.transfers.plan_upload_folder("site", "/site"), Plan)
    assert_type(await hubspot.transfers.upload_folder("site", "/site"), TransferReport)
    assert_type(await hubspot.transfers.plan_download_many(hubspot.files.search(), "images"), Plan)
    results = hubspot.transfers.download_many(hubspot.files.search(), "images")
    assert_type(results, AsyncTransferResults)
    async for result in results:
        assert_type(result.outcome, Outcome)


def on_event(event: TransferEvent) -> None:
    assert_type(event.result, TransferResult | None)


def duplicates(check: DuplicateCheck) -> None:
    assert_type(check.strategy, DuplicateStrategy)
    assert_type(check.scope, DuplicateScope | None)


def mistakes(hubspot: HubSpotFiles, asynchronous: AsyncHubSpotFiles) -> None:
    """Errors that a type checker has to find; an unneeded comment is an error too."""
    hubspot.files.get()  # type: ignore[call-arg]
    hubspot.files.get("1", "2")  # type: ignore[call-arg]
    hubspot.files.get(1.5)  # type: ignore[arg-type]
    hubspot.files.upload(1, folder_path="/")  # type: ignore[arg-type]
    hubspot.files.replace("1", "cat.png")  # type: ignore[call-arg]
    hubspot.files.search(extention="png")  # type: ignore[call-arg]
    _ = hubspot.files.get("1").nmae  # type: ignore[attr-defined]
    _ = asynchronous.files.get("1").name  # type: ignore[attr-defined]
    HubSpotFiles(async_clients)  # type: ignore[arg-type]
    HubSpotFiles(api_version=3)  # type: ignore[arg-type]
    hubspot.with_options(api_version=2026.03)  # type: ignore[arg-type]
