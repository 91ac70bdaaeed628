from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.error import Error
from ...models.file import File
from ...models.file_replacement import FileReplacement
from ...types import Response
from ...types import path_value as _path_value


def _get_kwargs(
    file_id: str,
    *,
    body: FileReplacement,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": f"/files/v3/files/{_path_value(file_id)}",
    }

    _kwargs["files"] = body.to_multipart()

    _kwargs["headers"] = headers
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
    body: FileReplacement,
) -> Response[Error | File]:
    """Replace a file's content

     Stores new content under the same id and the same name. The access in the options replaces the old
    one.

    Args:
        file_id (str): Id of the file, all digits. Example: 122692044085.
        body (FileReplacement): The parts of a replacement.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | File]
    """

    kwargs = client.in_version(
        "replaceFile",
        _get_kwargs(
            file_id=file_id,
            body=body,
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
    body: FileReplacement,
) -> Error | File | None:
    """Replace a file's content

     Stores new content under the same id and the same name. The access in the options replaces the old
    one.

    Args:
        file_id (str): Id of the file, all digits. Example: 122692044085.
        body (FileReplacement): The parts of a replacement.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | File
    """

    return sync_detailed(
        file_id=file_id,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    file_id: str,
    *,
    client: AuthenticatedClient,
    body: FileReplacement,
) -> Response[Error | File]:
    """Replace a file's content

     Stores new content under the same id and the same name. The access in the options replaces the old
    one.

    Args:
        file_id (str): Id of the file, all digits. Example: 122692044085.
        body (FileReplacement): The parts of a replacement.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | File]
    """

    kwargs = client.in_version(
        "replaceFile",
        _get_kwargs(
            file_id=file_id,
            body=body,
        ),
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    file_id: str,
    *,
    client: AuthenticatedClient,
    body: FileReplacement,
) -> Error | File | None:
    """Replace a file's content

     Stores new content under the same id and the same name. The access in the options replaces the old
    one.

    Args:
        file_id (str): Id of the file, all digits. Example: 122692044085.
        body (FileReplacement): The parts of a replacement.

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
            body=body,
        )
    ).parsed
