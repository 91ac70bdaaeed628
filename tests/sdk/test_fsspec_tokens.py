"""The tokens of file systems of fsspec: where they come from, and that they do not travel."""

from __future__ import annotations

import functools
import io
import logging
import multiprocessing
import os
import pickle
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.utils import tokenize

from hubspot_files import HubSpotFiles, HubSpotFilesError
from hubspot_files.fsspec import HubSpotFileSystem
from hubspot_files.fsspec._accounts import SHARED_CLIENTS
from hubspot_files.testing import Emulator, serve

PLANTED = "pat-na1-5ec4e700-0000-4000-8000-00000000f00d"


def forms(token: str) -> list[bytes]:
    """Return a token, and the digests of it that could be guessed from."""
    import base64
    import hashlib

    raw = token.encode()
    digests = [hashlib.new(name, raw).hexdigest().encode() for name in ("md5", "sha1", "sha256")]
    return [raw, base64.b64encode(raw), *digests]


def test_an_instance_for_each_token(hubspot_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    default = fsspec.filesystem("hubspot")
    assert fsspec.filesystem("hubspot") is default
    same = fsspec.filesystem("hubspot", token=hubspot_emulator.token)
    assert same is not default
    assert same == fsspec.filesystem("hubspot", token=hubspot_emulator.token)
    assert HubSpotFileSystem(token=same.storage_options["token"]) is same
    called: Any = fsspec.filesystem("hubspot", token=lambda: hubspot_emulator.token)
    called.pipe("/x", b"1")
    other = hubspot_emulator.add_token(["files"])
    assert fsspec.filesystem("hubspot", token=other) is not same
    monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", other)
    assert fsspec.filesystem("hubspot") is not default
    monkeypatch.setenv("HUBSPOT_BASE_URL", "https://another.example")
    assert fsspec.filesystem("hubspot").storage_options == {}


def test_no_token() -> None:
    with pytest.raises(ValueError, match=r"^no access token: set HUBSPOT_ACCESS_TOKEN, or pass token_file= or token=$"):
        fsspec.filesystem("hubspot")
    with pytest.raises(ValueError, match="token is empty"):
        fsspec.filesystem("hubspot", token="two words")
    with pytest.raises(TypeError, match="token must be a str"):
        fsspec.filesystem("hubspot", token=5)
    with pytest.raises(ValueError, match="pass one of token=, token_file= and oauth_store="):
        fsspec.filesystem("hubspot", token=PLANTED, token_file="x")
    with pytest.raises(TypeError, match="by name"):
        HubSpotFileSystem(PLANTED)
    with pytest.raises(ValueError, match="api_version"):
        fsspec.filesystem("hubspot", token=PLANTED, api_version="..")


def test_an_unknown_option_is_an_error() -> None:
    for name, nearest in (
        ("access_token", "token"),
        ("tokn", "token"),
        ("token_path", "token"),
        ("blocksize", "block_size"),
        ("use_listing_cache", "use_listings_cache"),
    ):
        with pytest.raises(TypeError, match=rf"has no option '{name}'; .*\. Did you mean '{nearest}'\?$") as raised:
            fsspec.open("hubspot://library/x.csv", **{name: PLANTED})
        assert isinstance(raised.value, HubSpotFilesError)
        assert PLANTED not in str(raised.value)
    with pytest.raises(TypeError, match=r"it has token, token_file, oauth_store, .*, skip_instance_cache$"):
        fsspec.filesystem("hubspot", zzz=1)


def test_the_options_of_fsspec_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"use_listings_cache": False, "max_paths": 5, "asynchronous": False, "loop": None, "batch_size": 3}
    one = fsspec.filesystem("hubspot", token=PLANTED, skip_instance_cache=True, **options)
    assert one is not fsspec.filesystem("hubspot", token=PLANTED, skip_instance_cache=True, **options)

    class Own(HubSpotFileSystem):
        def __init__(self, *, colour: str, **options: Any) -> None:
            super().__init__(**options)

    assert Own(colour="red", token=PLANTED, batch_size=3).batch_size == 3
    monkeypatch.setitem(fsspec.config.conf, "hubspot", {"tokn": PLANTED})
    with pytest.raises(TypeError, match="'tokn'"):
        fsspec.filesystem("hubspot")


def test_a_token_file(hubspot_emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUBSPOT_ACCESS_TOKEN")
    path = tmp_path / "token"
    with pytest.raises(PermissionError, match="cannot be read: No such file"):
        fsspec.filesystem("hubspot", token_file=path)
    path.write_text(f"{hubspot_emulator.token}\n")
    fs: Any = fsspec.filesystem("hubspot", token_file=path)
    fs.pipe("/x", b"1")
    new = hubspot_emulator.add_token(["files"])
    hubspot_emulator.revoke_token(hubspot_emulator.token)
    path.write_text(new)
    assert pickle.loads(pickle.dumps(fs)).cat_file("/x") == b"1"
    path.unlink()
    # The missing file is not one on HubSpot.
    with pytest.raises(PermissionError, match="cannot be read"):
        fs.exists("/x")
    path.write_text("two words")
    with pytest.raises(ValueError, match=r"the token in .* is empty, or contains spaces"):
        fs.exists("/x")


def test_a_store_of_oauth_tokens(hubspot_emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from hubspot_files import FileTokenStore, OAuthTokens

    app = hubspot_emulator.add_oauth_app()
    refresh_token = hubspot_emulator.add_refresh_token(app.client_id)
    store = tmp_path / "tokens.json"
    FileTokenStore(store).save(OAuthTokens("expired", refresh_token, expires_in=1, obtained_at=0))
    monkeypatch.delenv("HUBSPOT_ACCESS_TOKEN")
    with pytest.raises(ValueError, match="HUBSPOT_CLIENT_ID and HUBSPOT_CLIENT_SECRET"):
        fsspec.filesystem("hubspot", oauth_store=store)
    monkeypatch.setenv("HUBSPOT_CLIENT_ID", app.client_id)
    monkeypatch.setenv("HUBSPOT_CLIENT_SECRET", app.client_secret)
    fs: Any = fsspec.filesystem("hubspot", oauth_store=store)
    fs.pipe("/x", b"1")
    pickled = pickle.dumps(fs)
    assert pickle.loads(pickled).cat_file("/x") == b"1"
    assert app.client_secret.encode() not in pickled


def test_a_token_does_not_travel(monkeypatch: pytest.MonkeyPatch) -> None:
    fs: Any = fsspec.filesystem("hubspot", token=PLANTED)
    provider: Any = fsspec.filesystem("hubspot", token=lambda: PLANTED)
    for one in (fs, provider):
        for send in (
            pickle.dumps,
            lambda fs: fs.to_json(),
            lambda fs: fs.to_dict(),
        ):
            with pytest.raises(TypeError, match="token is not written into pickles and JSON"):
                send(one)
        with pytest.raises(TypeError, match="Set HUBSPOT_ACCESS_TOKEN"):
            pickle.dumps(one.storage_options)
    monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", PLANTED)
    default = fsspec.filesystem("hubspot", access="PRIVATE")
    copy = fsspec.filesystem("hubspot", access="PRIVATE", token=PLANTED)
    for one in (default, copy):
        assert pickle.loads(pickle.dumps(one)) is default
        assert HubSpotFileSystem.from_json(one.to_json()) is default
        assert HubSpotFileSystem.from_dict(one.to_dict()) is default


def test_a_planted_token_is_found_nowhere(
    hubspot_emulator: Emulator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("HUBSPOT_ACCESS_TOKEN")
    caplog.set_level(logging.DEBUG)
    hubspot_emulator.add_token(token=PLANTED)
    found: list[Any] = []
    for environment in (False, True):
        if environment:
            monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", PLANTED)
        fs: Any = fsspec.filesystem("hubspot", token=None if environment else PLANTED)
        fs.pipe("/a/x", b"1")
        with fs.open("/a/x") as file:
            found += [repr(file), file.read()]
            found.append(pickle.dumps(file) if environment else b"")
        for program in (
            lambda fs=fs: fs.info("/missing"),
            lambda fs=fs: fs.pipe("/a", b"1"),
            lambda fs=fs: fs.open("/a/x", "ab"),
            lambda fs=fs: pickle.dumps(fs),
        ):
            try:
                found.append(program())
            except (OSError, TypeError) as error:
                text = io.StringIO()
                whole = traceback.TracebackException.from_exception(error, capture_locals=True)
                # The test itself knows the token.
                whole.stack[:] = [frame for frame in whole.stack if frame.filename != __file__]
                print("".join(whole.format()), file=text)
                found += [text.getvalue(), repr(error), pickle.dumps(error)]
        found += [repr(fs), str(fs), fs._fs_token, str(hash(fs)), repr(fs.storage_options), tokenize(fs), str(vars(fs))]
        found += [fs.__dask_tokenize__()]
        if environment:
            found += [pickle.dumps(fs), fs.to_json(), repr(fs.to_dict())]
    found += [caplog.text, *(str(vars(record)) for record in caplog.records)]
    for form in forms(PLANTED):
        for text in found:
            assert form not in (text if isinstance(text, bytes) else repr(text).encode())


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    # An instance of another test would be the current one of a forked worker.
    HubSpotFileSystem.clear_instance_cache()
    with serve() as emulator:
        monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", emulator.token)
        monkeypatch.setenv("HUBSPOT_BASE_URL", emulator.base_url)
        yield emulator
    HubSpotFileSystem.clear_instance_cache()


def _read(fs: Any, path: str) -> tuple[int, bytes]:
    return os.getpid(), fs.cat_file(path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
def test_forked_workers(served: Emulator) -> None:
    fs: Any = fsspec.filesystem("hubspot")
    expected = {f"/f/{number}": b"content of %d" % number * 50 for number in range(40)}
    fs.pipe(expected)
    opened = fs.open("/f/7")
    opened.read(5)
    # Inherited, and pickled.
    with multiprocessing.get_context("fork").Pool(4) as pool:
        results = pool.map(functools.partial(_read, fs), expected, chunksize=5)
        assert [content for _, content in results] == list(expected.values())
        assert os.getpid() not in {pid for pid, _ in results}
        assert pool.apply(_inherited) == b"content of 3" * 50
    assert fs.cat_file("/f/1") == expected["/f/1"]
    opened.close()


def test_another_process_has_another_event_loop(hubspot_emulator: Emulator) -> None:
    for asynchronous in (False, True):
        fs: Any = fsspec.filesystem("hubspot", asynchronous=asynchronous)
        loop, fs._pid, fs._loop = fs.loop, 0, None
        assert (fs.loop, fs._pid) == (loop, os.getpid())
    SHARED_CLIENTS.renew()
    fs = fsspec.filesystem("hubspot")
    fs.pipe("/x", b"1")
    assert fs.cat_file("/x") == b"1"


def _inherited() -> bytes:
    fs: Any = HubSpotFileSystem.current()
    content: bytes = fs.cat_file("/f/3")
    return content


def test_importing_the_client_does_not_import_fsspec() -> None:
    program = (
        "import sys, hubspot_files; hubspot_files.HubSpotFiles('x'); assert 'fsspec' not in sys.modules; "
        "sys.modules['fsspec'] = None\ntry: import hubspot_files.fsspec\nexcept ImportError as error: print(error)"
    )
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert 'pip install "hubspot-files[fsspec]"' in output
    assert HubSpotFiles.__module__ == "hubspot_files._client"
