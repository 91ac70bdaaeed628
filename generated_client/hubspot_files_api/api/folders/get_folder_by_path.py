from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.error import Error
from ...models.folder import Folder
from ...types import Response
from ...types import path_value as _path_value


def _get_kwargs(
    folder_path: str,
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
        "url": f"/files/v3/folders/{_path_value(folder_path, keep_slashes=True)}",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Error | Folder | None:
    if response.status_code == 200:
        response_200 = Folder.from_dict(response.json())

        return response_200

    try:
        response_default = Error.from_dict(response.json())

        return response_default

    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Error | Folder]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    folder_path: str,
    *,
    client: AuthenticatedClient,
    properties: list[str] | None = None,
) -> Response[Error | Folder]:
    """Get a folder by its path

    Args:
        folder_path (str): Path of the folder without its leading slash. Slashes stay slashes; all
            digits would be an id. Example: library/cat_archive.
        properties (list[str] | None): Names of the properties to answer; all of them where it is
            not sent. Example: ['name', 'size'].

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | Folder]
    """

    kwargs = client.in_version(
        "getFolderByPath",
        _get_kwargs(
            folder_path=folder_path,
            properties=properties,
        ),
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    folder_path: str,
    *,
    client: AuthenticatedClient,
    properties: list[str] | None = None,
) -> Error | Folder | None:
    """Get a folder by its path

    Args:
        folder_path (str): Path of the folder without its leading slash. Slashes stay slashes; all
            digits would be an id. Example: library/cat_archive.
        properties (list[str] | None): Names of the properties to answer; all of them where it is
            not sent. Example: ['name', 'size'].

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | Folder
    """

    return sync_detailed(
        folder_path=folder_path,
        client=client,
        properties=properties,
    ).parsed


async def asyncio_detailed(
    folder_path: str,
    *,
    client: AuthenticatedClient,
    properties: list[str] | None = None,
) -> Response[Error | Folder]:
    """Get a folder by its path

    Args:
        folder_path (str): Path of the folder without its leading slash. Slashes stay slashes; all
            digits would be an id. Example: library/cat_archive.
        properties (list[str] | None): Names of the properties to answer; all of them where it is
            not sent. Example: ['name', 'size'].

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | Folder]
    """

    kwargs = client.in_version(
        "getFolderByPath",
        _get_kwargs(
            folder_path=folder_path,
            properties=properties,
        ),
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    folder_path: str,
    *,
    client: AuthenticatedClient,
    properties: list[str] | None = None,
) -> Error | Folder | None:
    """Get a folder by its path

    Args:
        folder_path (str): Path of the folder without its leading slash. Slashes stay slashes; all
            digits would be an id. Example: library/cat_archive.
        properties (list[str] | None): Names of the properties to answer; all of them where it is
            not sent. Example: ['name', 'size'].

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | Folder
    """

    return (
        await asyncio_detailed(
            folder_path=folder_path,
            client=client,
            properties=properties,
        )
    ).parsed
