from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.error import Error
from ...models.folder import Folder
from ...models.folder_create import FolderCreate
from ...types import Response


def _get_kwargs(
    *,
    body: FolderCreate,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/files/v3/folders",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Error | Folder | None:
    if response.status_code == 201:
        response_201 = Folder.from_dict(response.json())

        return response_201

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
    *,
    client: AuthenticatedClient,
    body: FolderCreate,
) -> Response[Error | Folder]:
    """Create a folder

    Args:
        body (FolderCreate): A folder to create, at the root where no parent is named. Example:
            {'name': 'myNewFolder', 'parentFolderId': '12345'}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | Folder]
    """

    kwargs = client.in_version(
        "createFolder",
        _get_kwargs(
            body=body,
        ),
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: FolderCreate,
) -> Error | Folder | None:
    """Create a folder

    Args:
        body (FolderCreate): A folder to create, at the root where no parent is named. Example:
            {'name': 'myNewFolder', 'parentFolderId': '12345'}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | Folder
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: FolderCreate,
) -> Response[Error | Folder]:
    """Create a folder

    Args:
        body (FolderCreate): A folder to create, at the root where no parent is named. Example:
            {'name': 'myNewFolder', 'parentFolderId': '12345'}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | Folder]
    """

    kwargs = client.in_version(
        "createFolder",
        _get_kwargs(
            body=body,
        ),
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: FolderCreate,
) -> Error | Folder | None:
    """Create a folder

    Args:
        body (FolderCreate): A folder to create, at the root where no parent is named. Example:
            {'name': 'myNewFolder', 'parentFolderId': '12345'}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | Folder
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
