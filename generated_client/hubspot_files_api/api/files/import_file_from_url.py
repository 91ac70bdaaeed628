from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.error import Error
from ...models.file_import import FileImport
from ...models.task_locator import TaskLocator
from ...types import Response


def _get_kwargs(
    *,
    body: FileImport,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/files/v3/files/import-from-url/async",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Error | TaskLocator | None:
    if response.status_code == 202:
        response_202 = TaskLocator.from_dict(response.json())

        return response_202

    try:
        response_default = Error.from_dict(response.json())

        return response_default

    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Error | TaskLocator]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: FileImport,
) -> Response[Error | TaskLocator]:
    """Have HubSpot fetch a file from a URL

     Queues a task. Exactly one of folderId and folderPath names where the file goes.

    Args:
        body (FileImport): A file to fetch, and how to store it. Example: {'access': 'PRIVATE',
            'folderPath': '/library/cat_archive', 'url': 'https://example.com/cat.png'}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | TaskLocator]
    """

    kwargs = client.in_version(
        "importFileFromUrl",
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
    body: FileImport,
) -> Error | TaskLocator | None:
    """Have HubSpot fetch a file from a URL

     Queues a task. Exactly one of folderId and folderPath names where the file goes.

    Args:
        body (FileImport): A file to fetch, and how to store it. Example: {'access': 'PRIVATE',
            'folderPath': '/library/cat_archive', 'url': 'https://example.com/cat.png'}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | TaskLocator
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: FileImport,
) -> Response[Error | TaskLocator]:
    """Have HubSpot fetch a file from a URL

     Queues a task. Exactly one of folderId and folderPath names where the file goes.

    Args:
        body (FileImport): A file to fetch, and how to store it. Example: {'access': 'PRIVATE',
            'folderPath': '/library/cat_archive', 'url': 'https://example.com/cat.png'}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | TaskLocator]
    """

    kwargs = client.in_version(
        "importFileFromUrl",
        _get_kwargs(
            body=body,
        ),
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: FileImport,
) -> Error | TaskLocator | None:
    """Have HubSpot fetch a file from a URL

     Queues a task. Exactly one of folderId and folderPath names where the file goes.

    Args:
        body (FileImport): A file to fetch, and how to store it. Example: {'access': 'PRIVATE',
            'folderPath': '/library/cat_archive', 'url': 'https://example.com/cat.png'}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | TaskLocator
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
