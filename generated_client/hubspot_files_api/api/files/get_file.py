from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.error import Error
from ...models.file import File
from ...types import Response
from ...types import path_value as _path_value


def _get_kwargs(
    file_id: str,
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
        "url": f"/files/v3/files/{_path_value(file_id)}",
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Error | File | None:
    if response.status_code == 200:
        response_200 = File.from_dict(response.json())

        return response_200

    try:
        response_default = Error.from_dict(response.json())

        return response_default

    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Error | File]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    file_id: str,
    *,
    client: AuthenticatedClient,
    properties: list[str] | None = None,
) -> Response[Error | File]:
    """Get a file's record

    Args:
        file_id (str): Id of the file, all digits. Example: 122692044085.
        properties (list[str] | None): Names of the properties to answer; all of them where it is
            not sent. Example: ['name', 'size'].

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | File]
    """

    kwargs = client.in_version(
        "getFile",
        _get_kwargs(
            file_id=file_id,
            properties=properties,
        ),
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    file_id: str,
    *,
    client: AuthenticatedClient,
    properties: list[str] | None = None,
) -> Error | File | None:
    """Get a file's record

    Args:
        file_id (str): Id of the file, all digits. Example: 122692044085.
        properties (list[str] | None): Names of the properties to answer; all of them where it is
            not sent. Example: ['name', 'size'].

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | File
    """

    return sync_detailed(
        file_id=file_id,
        client=client,
        properties=properties,
    ).parsed


async def asyncio_detailed(
    file_id: str,
    *,
    client: AuthenticatedClient,
    properties: list[str] | None = None,
) -> Response[Error | File]:
    """Get a file's record

    Args:
        file_id (str): Id of the file, all digits. Example: 122692044085.
        properties (list[str] | None): Names of the properties to answer; all of them where it is
            not sent. Example: ['name', 'size'].

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | File]
    """

    kwargs = client.in_version(
        "getFile",
        _get_kwargs(
            file_id=file_id,
            properties=properties,
        ),
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    file_id: str,
    *,
    client: AuthenticatedClient,
    properties: list[str] | None = None,
) -> Error | File | None:
    """Get a file's record

    Args:
        file_id (str): Id of the file, all digits. Example: 122692044085.
        properties (list[str] | None): Names of the properties to answer; all of them where it is
            not sent. Example: ['name', 'size'].

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | File
    """

    return (
        await asyncio_detailed(
            file_id=file_id,
            client=client,
            properties=properties,
        )
    ).parsed
