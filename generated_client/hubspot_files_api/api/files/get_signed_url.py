from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.error import Error
from ...models.signed_url import SignedUrl
from ...models.signed_url_size import SignedUrlSize
from ...types import Response
from ...types import path_value as _path_value


def _get_kwargs(
    file_id: str,
    *,
    expiration_seconds: int | None = None,
    property_: list[str] | None = None,
    size: SignedUrlSize | None = None,
    upscale: bool | None = None,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["expirationSeconds"] = expiration_seconds

    json_property_: list[str] | None = None
    if property_ is not None:
        json_property_ = property_

    params["property"] = json_property_

    json_size: str | None = None
    if size is not None:
        json_size = size.value

    params["size"] = json_size

    params["upscale"] = upscale

    params = {k: v for k, v in params.items() if v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": f"/files/v3/files/{_path_value(file_id)}/signed-url",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Error | SignedUrl | None:
    if response.status_code == 200:
        response_200 = SignedUrl.from_dict(response.json())

        return response_200

    try:
        response_default = Error.from_dict(response.json())

        return response_default

    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Error | SignedUrl]:
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
    expiration_seconds: int | None = None,
    property_: list[str] | None = None,
    size: SignedUrlSize | None = None,
    upscale: bool | None = None,
) -> Response[Error | SignedUrl]:
    """Get a temporary URL to a private file

     The URL gives anyone who holds it the content until it expires.

    Args:
        file_id (str): Id of the file, all digits. Example: 122692044085.
        expiration_seconds (int | None): Life of the URL in seconds. One hour was seen where it is
            not sent, six hours at the most. Example: 600.
        property_ (list[str] | None): Names of further properties to answer, such as height and
            width. Example: ['height', 'width'].
        size (SignedUrlSize | None): Size to which an image is scaled.
        upscale (bool | None): Enlarge an image that is smaller than the asked size.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | SignedUrl]
    """

    kwargs = client.in_version(
        "getSignedUrl",
        _get_kwargs(
            file_id=file_id,
            expiration_seconds=expiration_seconds,
            property_=property_,
            size=size,
            upscale=upscale,
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
    expiration_seconds: int | None = None,
    property_: list[str] | None = None,
    size: SignedUrlSize | None = None,
    upscale: bool | None = None,
) -> Error | SignedUrl | None:
    """Get a temporary URL to a private file

     The URL gives anyone who holds it the content until it expires.

    Args:
        file_id (str): Id of the file, all digits. Example: 122692044085.
        expiration_seconds (int | None): Life of the URL in seconds. One hour was seen where it is
            not sent, six hours at the most. Example: 600.
        property_ (list[str] | None): Names of further properties to answer, such as height and
            width. Example: ['height', 'width'].
        size (SignedUrlSize | None): Size to which an image is scaled.
        upscale (bool | None): Enlarge an image that is smaller than the asked size.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | SignedUrl
    """

    return sync_detailed(
        file_id=file_id,
        client=client,
        expiration_seconds=expiration_seconds,
        property_=property_,
        size=size,
        upscale=upscale,
    ).parsed


async def asyncio_detailed(
    file_id: str,
    *,
    client: AuthenticatedClient,
    expiration_seconds: int | None = None,
    property_: list[str] | None = None,
    size: SignedUrlSize | None = None,
    upscale: bool | None = None,
) -> Response[Error | SignedUrl]:
    """Get a temporary URL to a private file

     The URL gives anyone who holds it the content until it expires.

    Args:
        file_id (str): Id of the file, all digits. Example: 122692044085.
        expiration_seconds (int | None): Life of the URL in seconds. One hour was seen where it is
            not sent, six hours at the most. Example: 600.
        property_ (list[str] | None): Names of further properties to answer, such as height and
            width. Example: ['height', 'width'].
        size (SignedUrlSize | None): Size to which an image is scaled.
        upscale (bool | None): Enlarge an image that is smaller than the asked size.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | SignedUrl]
    """

    kwargs = client.in_version(
        "getSignedUrl",
        _get_kwargs(
            file_id=file_id,
            expiration_seconds=expiration_seconds,
            property_=property_,
            size=size,
            upscale=upscale,
        ),
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    file_id: str,
    *,
    client: AuthenticatedClient,
    expiration_seconds: int | None = None,
    property_: list[str] | None = None,
    size: SignedUrlSize | None = None,
    upscale: bool | None = None,
) -> Error | SignedUrl | None:
    """Get a temporary URL to a private file

     The URL gives anyone who holds it the content until it expires.

    Args:
        file_id (str): Id of the file, all digits. Example: 122692044085.
        expiration_seconds (int | None): Life of the URL in seconds. One hour was seen where it is
            not sent, six hours at the most. Example: 600.
        property_ (list[str] | None): Names of further properties to answer, such as height and
            width. Example: ['height', 'width'].
        size (SignedUrlSize | None): Size to which an image is scaled.
        upscale (bool | None): Enlarge an image that is smaller than the asked size.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | SignedUrl
    """

    return (
        await asyncio_detailed(
            file_id=file_id,
            client=client,
            expiration_seconds=expiration_seconds,
            property_=property_,
            size=size,
            upscale=upscale,
        )
    ).parsed
