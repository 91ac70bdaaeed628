from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.error import Error
from ...models.file_stat import FileStat
from ...types import Response
from ...types import path_value as _path_value


def _get_kwargs(
    path: str,
    *,
    properties: list[str] | None = None,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_properties: list[str] | None = None
    if properties is not None:
        json_properties = properties

    params["properties"] = json_properties

    params = {k: v for k, v in params.items() if v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": f"/files/v3/files/stat/{_path_value(path, keep_slashes=True)}",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Error | FileStat | None:
    if response.status_code == 200:
        response_200 = FileStat.from_dict(response.json())

        return response_200

    try:
        response_default = Error.from_dict(response.json())

        return response_default

    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Error | FileStat]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    path: str,
    *,
    client: AuthenticatedClient,
    properties: list[str] | None = None,
) -> Response[Error | FileStat]:
    """Look up what stands at a path

     Answers the file or the folder at the path, hidden ones only with the scope for them.

    Args:
        path (str): Path in the file manager without its leading slash. Slashes stay slashes.
            Example: library/cat_archive/cat.png.
        properties (list[str] | None): Names of the properties to answer; all of them where it is
            not sent. Example: ['name', 'size'].

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | FileStat]
    """

    kwargs = client.in_version(
        "statPath",
        _get_kwargs(
            path=path,
            properties=properties,
        ),
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    path: str,
    *,
    client: AuthenticatedClient,
    properties: list[str] | None = None,
) -> Error | FileStat | None:
    """Look up what stands at a path

     Answers the file or the folder at the path, hidden ones only with the scope for them.

    Args:
        path (str): Path in the file manager without its leading slash. Slashes stay slashes.
            Example: library/cat_archive/cat.png.
        properties (list[str] | None): Names of the properties to answer; all of them where it is
            not sent. Example: ['name', 'size'].

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | FileStat
    """

    return sync_detailed(
        path=path,
        client=client,
        properties=properties,
    ).parsed


async def asyncio_detailed(
    path: str,
    *,
    client: AuthenticatedClient,
    properties: list[str] | None = None,
) -> Response[Error | FileStat]:
    """Look up what stands at a path

     Answers the file or the folder at the path, hidden ones only with the scope for them.

    Args:
        path (str): Path in the file manager without its leading slash. Slashes stay slashes.
            Example: library/cat_archive/cat.png.
        properties (list[str] | None): Names of the properties to answer; all of them where it is
            not sent. Example: ['name', 'size'].

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | FileStat]
    """

    kwargs = client.in_version(
        "statPath",
        _get_kwargs(
            path=path,
            properties=properties,
        ),
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    path: str,
    *,
    client: AuthenticatedClient,
    properties: list[str] | None = None,
) -> Error | FileStat | None:
    """Look up what stands at a path

     Answers the file or the folder at the path, hidden ones only with the scope for them.

    Args:
        path (str): Path in the file manager without its leading slash. Slashes stay slashes.
            Example: library/cat_archive/cat.png.
        properties (list[str] | None): Names of the properties to answer; all of them where it is
            not sent. Example: ['name', 'size'].

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | FileStat
    """

    return (
        await asyncio_detailed(
            path=path,
            client=client,
            properties=properties,
        )
    ).parsed
