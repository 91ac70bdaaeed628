from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.error import Error
from ...models.folder_update_task import FolderUpdateTask
from ...types import Response
from ...types import path_value as _path_value


def _get_kwargs(
    task_id: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": f"/files/v3/folders/update/async/tasks/{_path_value(task_id)}/status",
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Error | FolderUpdateTask | None:
    if response.status_code == 200:
        response_200 = FolderUpdateTask.from_dict(response.json())

        return response_200

    try:
        response_default = Error.from_dict(response.json())

        return response_default

    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Error | FolderUpdateTask]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    task_id: str,
    *,
    client: AuthenticatedClient,
) -> Response[Error | FolderUpdateTask]:
    """Check a recursive change

    Args:
        task_id (str): Id of the task, as its locator gave it. Example: AAAAEZ6whGI.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | FolderUpdateTask]
    """

    kwargs = client.in_version(
        "getFolderUpdateTask",
        _get_kwargs(
            task_id=task_id,
        ),
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    task_id: str,
    *,
    client: AuthenticatedClient,
) -> Error | FolderUpdateTask | None:
    """Check a recursive change

    Args:
        task_id (str): Id of the task, as its locator gave it. Example: AAAAEZ6whGI.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | FolderUpdateTask
    """

    return sync_detailed(
        task_id=task_id,
        client=client,
    ).parsed


async def asyncio_detailed(
    task_id: str,
    *,
    client: AuthenticatedClient,
) -> Response[Error | FolderUpdateTask]:
    """Check a recursive change

    Args:
        task_id (str): Id of the task, as its locator gave it. Example: AAAAEZ6whGI.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | FolderUpdateTask]
    """

    kwargs = client.in_version(
        "getFolderUpdateTask",
        _get_kwargs(
            task_id=task_id,
        ),
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    task_id: str,
    *,
    client: AuthenticatedClient,
) -> Error | FolderUpdateTask | None:
    """Check a recursive change

    Args:
        task_id (str): Id of the task, as its locator gave it. Example: AAAAEZ6whGI.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | FolderUpdateTask
    """

    return (
        await asyncio_detailed(
            task_id=task_id,
            client=client,
        )
    ).parsed
