from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.error import Error
from ...models.folder import Folder
from ...models.folder_update import FolderUpdate
from ...types import Response
from ...types import path_value as _path_value


def _get_kwargs(
    folder_id: str,
    *,
    body: FolderUpdate,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": f"/files/v3/folders/{_path_value(folder_id)}",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
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
    folder_id: str,
    *,
    client: AuthenticatedClient,
    body: FolderUpdate,
) -> Response[Error | Folder]:
    """Rename or move a folder

    Args:
        folder_id (str): Id of the folder, all digits. Example: 122692510820.
        body (FolderUpdate): What to change of a folder.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | Folder]
    """

    kwargs = client.in_version(
        "updateFolder",
        _get_kwargs(
            folder_id=folder_id,
            body=body,
        ),
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    folder_id: str,
    *,
    client: AuthenticatedClient,
    body: FolderUpdate,
) -> Error | Folder | None:
    """Rename or move a folder

    Args:
        folder_id (str): Id of the folder, all digits. Example: 122692510820.
        body (FolderUpdate): What to change of a folder.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | Folder
    """

    return sync_detailed(
        folder_id=folder_id,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    folder_id: str,
    *,
    client: AuthenticatedClient,
    body: FolderUpdate,
) -> Response[Error | Folder]:
    """Rename or move a folder

    Args:
        folder_id (str): Id of the folder, all digits. Example: 122692510820.
        body (FolderUpdate): What to change of a folder.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | Folder]
    """

    kwargs = client.in_version(
        "updateFolder",
        _get_kwargs(
            folder_id=folder_id,
            body=body,
        ),
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    folder_id: str,
    *,
    client: AuthenticatedClient,
    body: FolderUpdate,
) -> Error | Folder | None:
    """Rename or move a folder

    Args:
        folder_id (str): Id of the folder, all digits. Example: 122692510820.
        body (FolderUpdate): What to change of a folder.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | Folder
    """

    return (
        await asyncio_detailed(
            folder_id=folder_id,
            client=client,
            body=body,
        )
    ).parsed
