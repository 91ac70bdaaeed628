from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.error import Error
from ...models.legacy_signed_url import LegacySignedUrl
from ...types import Response
from ...types import path_value as _path_value


def _get_kwargs(
    file_id: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": f"/filemanager/api/v3/files/{_path_value(file_id)}/signed-url",
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Error | LegacySignedUrl | None:
    if response.status_code == 200:
        response_200 = LegacySignedUrl.from_dict(response.json())

        return response_200

    try:
        response_default = Error.from_dict(response.json())

        return response_default

    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Error | LegacySignedUrl]:
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
) -> Response[Error | LegacySignedUrl]:
    """Get a temporary URL by the former route

     Kept for those who migrate. Its expiry counts milliseconds; use getSignedUrl instead.

    Args:
        file_id (str): Id of the file, all digits. Example: 122692044085.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | LegacySignedUrl]
    """

    kwargs = client.in_version(
        "getLegacySignedUrl",
        _get_kwargs(
            file_id=file_id,
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
) -> Error | LegacySignedUrl | None:
    """Get a temporary URL by the former route

     Kept for those who migrate. Its expiry counts milliseconds; use getSignedUrl instead.

    Args:
        file_id (str): Id of the file, all digits. Example: 122692044085.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | LegacySignedUrl
    """

    return sync_detailed(
        file_id=file_id,
        client=client,
    ).parsed


async def asyncio_detailed(
    file_id: str,
    *,
    client: AuthenticatedClient,
) -> Response[Error | LegacySignedUrl]:
    """Get a temporary URL by the former route

     Kept for those who migrate. Its expiry counts milliseconds; use getSignedUrl instead.

    Args:
        file_id (str): Id of the file, all digits. Example: 122692044085.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | LegacySignedUrl]
    """

    kwargs = client.in_version(
        "getLegacySignedUrl",
        _get_kwargs(
            file_id=file_id,
        ),
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    file_id: str,
    *,
    client: AuthenticatedClient,
) -> Error | LegacySignedUrl | None:
    """Get a temporary URL by the former route

     Kept for those who migrate. Its expiry counts milliseconds; use getSignedUrl instead.

    Args:
        file_id (str): Id of the file, all digits. Example: 122692044085.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | LegacySignedUrl
    """

    return (
        await asyncio_detailed(
            file_id=file_id,
            client=client,
        )
    ).parsed
