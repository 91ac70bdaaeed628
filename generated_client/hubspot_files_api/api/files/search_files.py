import datetime
from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.error import Error
from ...models.file_page import FilePage
from ...types import Response


def _get_kwargs(
    *,
    after: str | None = None,
    allows_anonymous_access: bool | None = None,
    before: str | None = None,
    created_at: datetime.datetime | None = None,
    created_at_gte: datetime.datetime | None = None,
    created_at_lte: datetime.datetime | None = None,
    encoding: str | None = None,
    expires_at: datetime.datetime | None = None,
    expires_at_gte: datetime.datetime | None = None,
    expires_at_lte: datetime.datetime | None = None,
    extension: str | None = None,
    file_md5: str | None = None,
    height: int | None = None,
    height_gte: int | None = None,
    height_lte: int | None = None,
    id_gte: int | None = None,
    id_lte: int | None = None,
    ids: list[int] | None = None,
    is_usable_in_content: bool | None = None,
    limit: int | None = None,
    name: str | None = None,
    parent_folder_ids: list[int] | None = None,
    path: str | None = None,
    properties: list[str] | None = None,
    size: int | None = None,
    size_gte: int | None = None,
    size_lte: int | None = None,
    sort: list[str] | None = None,
    type_: str | None = None,
    updated_at: datetime.datetime | None = None,
    updated_at_gte: datetime.datetime | None = None,
    updated_at_lte: datetime.datetime | None = None,
    url_query: str | None = None,
    width: int | None = None,
    width_gte: int | None = None,
    width_lte: int | None = None,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["after"] = after

    params["allowsAnonymousAccess"] = allows_anonymous_access

    params["before"] = before

    json_created_at: str | None = None
    if created_at is not None:
        json_created_at = created_at.isoformat()
    params["createdAt"] = json_created_at

    json_created_at_gte: str | None = None
    if created_at_gte is not None:
        json_created_at_gte = created_at_gte.isoformat()
    params["createdAtGte"] = json_created_at_gte

    json_created_at_lte: str | None = None
    if created_at_lte is not None:
        json_created_at_lte = created_at_lte.isoformat()
    params["createdAtLte"] = json_created_at_lte

    params["encoding"] = encoding

    json_expires_at: str | None = None
    if expires_at is not None:
        json_expires_at = expires_at.isoformat()
    params["expiresAt"] = json_expires_at

    json_expires_at_gte: str | None = None
    if expires_at_gte is not None:
        json_expires_at_gte = expires_at_gte.isoformat()
    params["expiresAtGte"] = json_expires_at_gte

    json_expires_at_lte: str | None = None
    if expires_at_lte is not None:
        json_expires_at_lte = expires_at_lte.isoformat()
    params["expiresAtLte"] = json_expires_at_lte

    params["extension"] = extension

    params["fileMd5"] = file_md5

    params["height"] = height

    params["heightGte"] = height_gte

    params["heightLte"] = height_lte

    params["idGte"] = id_gte

    params["idLte"] = id_lte

    json_ids: list[int] | None = None
    if ids is not None:
        json_ids = ids

    params["ids"] = json_ids

    params["isUsableInContent"] = is_usable_in_content

    params["limit"] = limit

    params["name"] = name

    json_parent_folder_ids: list[int] | None = None
    if parent_folder_ids is not None:
        json_parent_folder_ids = parent_folder_ids

    params["parentFolderIds"] = json_parent_folder_ids

    params["path"] = path

    json_properties: list[str] | None = None
    if properties is not None:
        json_properties = properties

    params["properties"] = json_properties

    params["size"] = size

    params["sizeGte"] = size_gte

    params["sizeLte"] = size_lte

    json_sort: list[str] | None = None
    if sort is not None:
        json_sort = sort

    params["sort"] = json_sort

    params["type"] = type_

    json_updated_at: str | None = None
    if updated_at is not None:
        json_updated_at = updated_at.isoformat()
    params["updatedAt"] = json_updated_at

    json_updated_at_gte: str | None = None
    if updated_at_gte is not None:
        json_updated_at_gte = updated_at_gte.isoformat()
    params["updatedAtGte"] = json_updated_at_gte

    json_updated_at_lte: str | None = None
    if updated_at_lte is not None:
        json_updated_at_lte = updated_at_lte.isoformat()
    params["updatedAtLte"] = json_updated_at_lte

    params["url"] = url_query

    params["width"] = width

    params["widthGte"] = width_gte

    params["widthLte"] = width_lte

    params = {k: v for k, v in params.items() if v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/files/v3/files/search",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Error | FilePage | None:
    if response.status_code == 200:
        response_200 = FilePage.from_dict(response.json())

        return response_200

    try:
        response_default = Error.from_dict(response.json())

        return response_default

    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Error | FilePage]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    after: str | None = None,
    allows_anonymous_access: bool | None = None,
    before: str | None = None,
    created_at: datetime.datetime | None = None,
    created_at_gte: datetime.datetime | None = None,
    created_at_lte: datetime.datetime | None = None,
    encoding: str | None = None,
    expires_at: datetime.datetime | None = None,
    expires_at_gte: datetime.datetime | None = None,
    expires_at_lte: datetime.datetime | None = None,
    extension: str | None = None,
    file_md5: str | None = None,
    height: int | None = None,
    height_gte: int | None = None,
    height_lte: int | None = None,
    id_gte: int | None = None,
    id_lte: int | None = None,
    ids: list[int] | None = None,
    is_usable_in_content: bool | None = None,
    limit: int | None = None,
    name: str | None = None,
    parent_folder_ids: list[int] | None = None,
    path: str | None = None,
    properties: list[str] | None = None,
    size: int | None = None,
    size_gte: int | None = None,
    size_lte: int | None = None,
    sort: list[str] | None = None,
    type_: str | None = None,
    updated_at: datetime.datetime | None = None,
    updated_at_gte: datetime.datetime | None = None,
    updated_at_lte: datetime.datetime | None = None,
    url_query: str | None = None,
    width: int | None = None,
    width_gte: int | None = None,
    width_lte: int | None = None,
) -> Response[Error | FilePage]:
    """Search files

     Lists the files that match every given filter, page by page. Hidden and deleted files are left out.
    The index follows uploads with a delay.

    Args:
        after (str | None): Offset of the first result, as the page before gave it. 10000 is the
            highest that is answered. Example: 100.
        allows_anonymous_access (bool | None): True for public files only, false for private files
            only.
        before (str | None): Cursor of the page before, or a time before which results were
            updated.
        created_at (datetime.datetime | None): Exact time of creation.
        created_at_gte (datetime.datetime | None): Earliest time of creation.
        created_at_lte (datetime.datetime | None): Latest time of creation.
        encoding (str | None): Encoding of the content as HubSpot recorded it.
        expires_at (datetime.datetime | None): Exact time at which the file is deleted.
        expires_at_gte (datetime.datetime | None): Earliest time at which the file is deleted.
        expires_at_lte (datetime.datetime | None): Latest time at which the file is deleted.
        extension (str | None): File name extension without the dot.
        file_md5 (str | None): MD5 of the content in hexadecimal digits.
        height (int | None): Exact height of an image or a video in pixels.
        height_gte (int | None): Smallest height in pixels.
        height_lte (int | None): Largest height in pixels.
        id_gte (int | None): Smallest id.
        id_lte (int | None): Largest id.
        ids (list[int] | None): Any of these ids. Example: [122692044085, 122692044086].
        is_usable_in_content (bool | None): Whether the file is offered when content is written.
        limit (int | None): Results per page, 10 where it is not sent, 100 at the most. Example:
            100.
        name (str | None): Part of the name.
        parent_folder_ids (list[int] | None): Directly in any of the folders with these ids.
        path (str | None): Path in the file manager.
        properties (list[str] | None): Names of the properties to answer; all of them where it is
            not sent. Example: ['name', 'size'].
        size (int | None): Exact size in bytes.
        size_gte (int | None): Smallest size in bytes.
        size_lte (int | None): Largest size in bytes.
        sort (list[str] | None): Properties to sort by; a leading minus sorts downwards. Example:
            ['-createdAt'].
        type_ (str | None): Kind of content, such as IMG, DOCUMENT, AUDIO, MOVIE or OTHER.
        updated_at (datetime.datetime | None): Exact time of the last change.
        updated_at_gte (datetime.datetime | None): Earliest time of the last change.
        updated_at_lte (datetime.datetime | None): Latest time of the last change.
        url_query (str | None): Hosting URL.
        width (int | None): Exact width of an image or a video in pixels.
        width_gte (int | None): Smallest width in pixels.
        width_lte (int | None): Largest width in pixels.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | FilePage]
    """

    kwargs = client.in_version(
        "searchFiles",
        _get_kwargs(
            after=after,
            allows_anonymous_access=allows_anonymous_access,
            before=before,
            created_at=created_at,
            created_at_gte=created_at_gte,
            created_at_lte=created_at_lte,
            encoding=encoding,
            expires_at=expires_at,
            expires_at_gte=expires_at_gte,
            expires_at_lte=expires_at_lte,
            extension=extension,
            file_md5=file_md5,
            height=height,
            height_gte=height_gte,
            height_lte=height_lte,
            id_gte=id_gte,
            id_lte=id_lte,
            ids=ids,
            is_usable_in_content=is_usable_in_content,
            limit=limit,
            name=name,
            parent_folder_ids=parent_folder_ids,
            path=path,
            properties=properties,
            size=size,
            size_gte=size_gte,
            size_lte=size_lte,
            sort=sort,
            type_=type_,
            updated_at=updated_at,
            updated_at_gte=updated_at_gte,
            updated_at_lte=updated_at_lte,
            url_query=url_query,
            width=width,
            width_gte=width_gte,
            width_lte=width_lte,
        ),
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    after: str | None = None,
    allows_anonymous_access: bool | None = None,
    before: str | None = None,
    created_at: datetime.datetime | None = None,
    created_at_gte: datetime.datetime | None = None,
    created_at_lte: datetime.datetime | None = None,
    encoding: str | None = None,
    expires_at: datetime.datetime | None = None,
    expires_at_gte: datetime.datetime | None = None,
    expires_at_lte: datetime.datetime | None = None,
    extension: str | None = None,
    file_md5: str | None = None,
    height: int | None = None,
    height_gte: int | None = None,
    height_lte: int | None = None,
    id_gte: int | None = None,
    id_lte: int | None = None,
    ids: list[int] | None = None,
    is_usable_in_content: bool | None = None,
    limit: int | None = None,
    name: str | None = None,
    parent_folder_ids: list[int] | None = None,
    path: str | None = None,
    properties: list[str] | None = None,
    size: int | None = None,
    size_gte: int | None = None,
    size_lte: int | None = None,
    sort: list[str] | None = None,
    type_: str | None = None,
    updated_at: datetime.datetime | None = None,
    updated_at_gte: datetime.datetime | None = None,
    updated_at_lte: datetime.datetime | None = None,
    url_query: str | None = None,
    width: int | None = None,
    width_gte: int | None = None,
    width_lte: int | None = None,
) -> Error | FilePage | None:
    """Search files

     Lists the files that match every given filter, page by page. Hidden and deleted files are left out.
    The index follows uploads with a delay.

    Args:
        after (str | None): Offset of the first result, as the page before gave it. 10000 is the
            highest that is answered. Example: 100.
        allows_anonymous_access (bool | None): True for public files only, false for private files
            only.
        before (str | None): Cursor of the page before, or a time before which results were
            updated.
        created_at (datetime.datetime | None): Exact time of creation.
        created_at_gte (datetime.datetime | None): Earliest time of creation.
        created_at_lte (datetime.datetime | None): Latest time of creation.
        encoding (str | None): Encoding of the content as HubSpot recorded it.
        expires_at (datetime.datetime | None): Exact time at which the file is deleted.
        expires_at_gte (datetime.datetime | None): Earliest time at which the file is deleted.
        expires_at_lte (datetime.datetime | None): Latest time at which the file is deleted.
        extension (str | None): File name extension without the dot.
        file_md5 (str | None): MD5 of the content in hexadecimal digits.
        height (int | None): Exact height of an image or a video in pixels.
        height_gte (int | None): Smallest height in pixels.
        height_lte (int | None): Largest height in pixels.
        id_gte (int | None): Smallest id.
        id_lte (int | None): Largest id.
        ids (list[int] | None): Any of these ids. Example: [122692044085, 122692044086].
        is_usable_in_content (bool | None): Whether the file is offered when content is written.
        limit (int | None): Results per page, 10 where it is not sent, 100 at the most. Example:
            100.
        name (str | None): Part of the name.
        parent_folder_ids (list[int] | None): Directly in any of the folders with these ids.
        path (str | None): Path in the file manager.
        properties (list[str] | None): Names of the properties to answer; all of them where it is
            not sent. Example: ['name', 'size'].
        size (int | None): Exact size in bytes.
        size_gte (int | None): Smallest size in bytes.
        size_lte (int | None): Largest size in bytes.
        sort (list[str] | None): Properties to sort by; a leading minus sorts downwards. Example:
            ['-createdAt'].
        type_ (str | None): Kind of content, such as IMG, DOCUMENT, AUDIO, MOVIE or OTHER.
        updated_at (datetime.datetime | None): Exact time of the last change.
        updated_at_gte (datetime.datetime | None): Earliest time of the last change.
        updated_at_lte (datetime.datetime | None): Latest time of the last change.
        url_query (str | None): Hosting URL.
        width (int | None): Exact width of an image or a video in pixels.
        width_gte (int | None): Smallest width in pixels.
        width_lte (int | None): Largest width in pixels.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | FilePage
    """

    return sync_detailed(
        client=client,
        after=after,
        allows_anonymous_access=allows_anonymous_access,
        before=before,
        created_at=created_at,
        created_at_gte=created_at_gte,
        created_at_lte=created_at_lte,
        encoding=encoding,
        expires_at=expires_at,
        expires_at_gte=expires_at_gte,
        expires_at_lte=expires_at_lte,
        extension=extension,
        file_md5=file_md5,
        height=height,
        height_gte=height_gte,
        height_lte=height_lte,
        id_gte=id_gte,
        id_lte=id_lte,
        ids=ids,
        is_usable_in_content=is_usable_in_content,
        limit=limit,
        name=name,
        parent_folder_ids=parent_folder_ids,
        path=path,
        properties=properties,
        size=size,
        size_gte=size_gte,
        size_lte=size_lte,
        sort=sort,
        type_=type_,
        updated_at=updated_at,
        updated_at_gte=updated_at_gte,
        updated_at_lte=updated_at_lte,
        url_query=url_query,
        width=width,
        width_gte=width_gte,
        width_lte=width_lte,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    after: str | None = None,
    allows_anonymous_access: bool | None = None,
    before: str | None = None,
    created_at: datetime.datetime | None = None,
    created_at_gte: datetime.datetime | None = None,
    created_at_lte: datetime.datetime | None = None,
    encoding: str | None = None,
    expires_at: datetime.datetime | None = None,
    expires_at_gte: datetime.datetime | None = None,
    expires_at_lte: datetime.datetime | None = None,
    extension: str | None = None,
    file_md5: str | None = None,
    height: int | None = None,
    height_gte: int | None = None,
    height_lte: int | None = None,
    id_gte: int | None = None,
    id_lte: int | None = None,
    ids: list[int] | None = None,
    is_usable_in_content: bool | None = None,
    limit: int | None = None,
    name: str | None = None,
    parent_folder_ids: list[int] | None = None,
    path: str | None = None,
    properties: list[str] | None = None,
    size: int | None = None,
    size_gte: int | None = None,
    size_lte: int | None = None,
    sort: list[str] | None = None,
    type_: str | None = None,
    updated_at: datetime.datetime | None = None,
    updated_at_gte: datetime.datetime | None = None,
    updated_at_lte: datetime.datetime | None = None,
    url_query: str | None = None,
    width: int | None = None,
    width_gte: int | None = None,
    width_lte: int | None = None,
) -> Response[Error | FilePage]:
    """Search files

     Lists the files that match every given filter, page by page. Hidden and deleted files are left out.
    The index follows uploads with a delay.

    Args:
        after (str | None): Offset of the first result, as the page before gave it. 10000 is the
            highest that is answered. Example: 100.
        allows_anonymous_access (bool | None): True for public files only, false for private files
            only.
        before (str | None): Cursor of the page before, or a time before which results were
            updated.
        created_at (datetime.datetime | None): Exact time of creation.
        created_at_gte (datetime.datetime | None): Earliest time of creation.
        created_at_lte (datetime.datetime | None): Latest time of creation.
        encoding (str | None): Encoding of the content as HubSpot recorded it.
        expires_at (datetime.datetime | None): Exact time at which the file is deleted.
        expires_at_gte (datetime.datetime | None): Earliest time at which the file is deleted.
        expires_at_lte (datetime.datetime | None): Latest time at which the file is deleted.
        extension (str | None): File name extension without the dot.
        file_md5 (str | None): MD5 of the content in hexadecimal digits.
        height (int | None): Exact height of an image or a video in pixels.
        height_gte (int | None): Smallest height in pixels.
        height_lte (int | None): Largest height in pixels.
        id_gte (int | None): Smallest id.
        id_lte (int | None): Largest id.
        ids (list[int] | None): Any of these ids. Example: [122692044085, 122692044086].
        is_usable_in_content (bool | None): Whether the file is offered when content is written.
        limit (int | None): Results per page, 10 where it is not sent, 100 at the most. Example:
            100.
        name (str | None): Part of the name.
        parent_folder_ids (list[int] | None): Directly in any of the folders with these ids.
        path (str | None): Path in the file manager.
        properties (list[str] | None): Names of the properties to answer; all of them where it is
            not sent. Example: ['name', 'size'].
        size (int | None): Exact size in bytes.
        size_gte (int | None): Smallest size in bytes.
        size_lte (int | None): Largest size in bytes.
        sort (list[str] | None): Properties to sort by; a leading minus sorts downwards. Example:
            ['-createdAt'].
        type_ (str | None): Kind of content, such as IMG, DOCUMENT, AUDIO, MOVIE or OTHER.
        updated_at (datetime.datetime | None): Exact time of the last change.
        updated_at_gte (datetime.datetime | None): Earliest time of the last change.
        updated_at_lte (datetime.datetime | None): Latest time of the last change.
        url_query (str | None): Hosting URL.
        width (int | None): Exact width of an image or a video in pixels.
        width_gte (int | None): Smallest width in pixels.
        width_lte (int | None): Largest width in pixels.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | FilePage]
    """

    kwargs = client.in_version(
        "searchFiles",
        _get_kwargs(
            after=after,
            allows_anonymous_access=allows_anonymous_access,
            before=before,
            created_at=created_at,
            created_at_gte=created_at_gte,
            created_at_lte=created_at_lte,
            encoding=encoding,
            expires_at=expires_at,
            expires_at_gte=expires_at_gte,
            expires_at_lte=expires_at_lte,
            extension=extension,
            file_md5=file_md5,
            height=height,
            height_gte=height_gte,
            height_lte=height_lte,
            id_gte=id_gte,
            id_lte=id_lte,
            ids=ids,
            is_usable_in_content=is_usable_in_content,
            limit=limit,
            name=name,
            parent_folder_ids=parent_folder_ids,
            path=path,
            properties=properties,
            size=size,
            size_gte=size_gte,
            size_lte=size_lte,
            sort=sort,
            type_=type_,
            updated_at=updated_at,
            updated_at_gte=updated_at_gte,
            updated_at_lte=updated_at_lte,
            url_query=url_query,
            width=width,
            width_gte=width_gte,
            width_lte=width_lte,
        ),
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    after: str | None = None,
    allows_anonymous_access: bool | None = None,
    before: str | None = None,
    created_at: datetime.datetime | None = None,
    created_at_gte: datetime.datetime | None = None,
    created_at_lte: datetime.datetime | None = None,
    encoding: str | None = None,
    expires_at: datetime.datetime | None = None,
    expires_at_gte: datetime.datetime | None = None,
    expires_at_lte: datetime.datetime | None = None,
    extension: str | None = None,
    file_md5: str | None = None,
    height: int | None = None,
    height_gte: int | None = None,
    height_lte: int | None = None,
    id_gte: int | None = None,
    id_lte: int | None = None,
    ids: list[int] | None = None,
    is_usable_in_content: bool | None = None,
    limit: int | None = None,
    name: str | None = None,
    parent_folder_ids: list[int] | None = None,
    path: str | None = None,
    properties: list[str] | None = None,
    size: int | None = None,
    size_gte: int | None = None,
    size_lte: int | None = None,
    sort: list[str] | None = None,
    type_: str | None = None,
    updated_at: datetime.datetime | None = None,
    updated_at_gte: datetime.datetime | None = None,
    updated_at_lte: datetime.datetime | None = None,
    url_query: str | None = None,
    width: int | None = None,
    width_gte: int | None = None,
    width_lte: int | None = None,
) -> Error | FilePage | None:
    """Search files

     Lists the files that match every given filter, page by page. Hidden and deleted files are left out.
    The index follows uploads with a delay.

    Args:
        after (str | None): Offset of the first result, as the page before gave it. 10000 is the
            highest that is answered. Example: 100.
        allows_anonymous_access (bool | None): True for public files only, false for private files
            only.
        before (str | None): Cursor of the page before, or a time before which results were
            updated.
        created_at (datetime.datetime | None): Exact time of creation.
        created_at_gte (datetime.datetime | None): Earliest time of creation.
        created_at_lte (datetime.datetime | None): Latest time of creation.
        encoding (str | None): Encoding of the content as HubSpot recorded it.
        expires_at (datetime.datetime | None): Exact time at which the file is deleted.
        expires_at_gte (datetime.datetime | None): Earliest time at which the file is deleted.
        expires_at_lte (datetime.datetime | None): Latest time at which the file is deleted.
        extension (str | None): File name extension without the dot.
        file_md5 (str | None): MD5 of the content in hexadecimal digits.
        height (int | None): Exact height of an image or a video in pixels.
        height_gte (int | None): Smallest height in pixels.
        height_lte (int | None): Largest height in pixels.
        id_gte (int | None): Smallest id.
        id_lte (int | None): Largest id.
        ids (list[int] | None): Any of these ids. Example: [122692044085, 122692044086].
        is_usable_in_content (bool | None): Whether the file is offered when content is written.
        limit (int | None): Results per page, 10 where it is not sent, 100 at the most. Example:
            100.
        name (str | None): Part of the name.
        parent_folder_ids (list[int] | None): Directly in any of the folders with these ids.
        path (str | None): Path in the file manager.
        properties (list[str] | None): Names of the properties to answer; all of them where it is
            not sent. Example: ['name', 'size'].
        size (int | None): Exact size in bytes.
        size_gte (int | None): Smallest size in bytes.
        size_lte (int | None): Largest size in bytes.
        sort (list[str] | None): Properties to sort by; a leading minus sorts downwards. Example:
            ['-createdAt'].
        type_ (str | None): Kind of content, such as IMG, DOCUMENT, AUDIO, MOVIE or OTHER.
        updated_at (datetime.datetime | None): Exact time of the last change.
        updated_at_gte (datetime.datetime | None): Earliest time of the last change.
        updated_at_lte (datetime.datetime | None): Latest time of the last change.
        url_query (str | None): Hosting URL.
        width (int | None): Exact width of an image or a video in pixels.
        width_gte (int | None): Smallest width in pixels.
        width_lte (int | None): Largest width in pixels.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | FilePage
    """

    return (
        await asyncio_detailed(
            client=client,
            after=after,
            allows_anonymous_access=allows_anonymous_access,
            before=before,
            created_at=created_at,
            created_at_gte=created_at_gte,
            created_at_lte=created_at_lte,
            encoding=encoding,
            expires_at=expires_at,
            expires_at_gte=expires_at_gte,
            expires_at_lte=expires_at_lte,
            extension=extension,
            file_md5=file_md5,
            height=height,
            height_gte=height_gte,
            height_lte=height_lte,
            id_gte=id_gte,
            id_lte=id_lte,
            ids=ids,
            is_usable_in_content=is_usable_in_content,
            limit=limit,
            name=name,
            parent_folder_ids=parent_folder_ids,
            path=path,
            properties=properties,
            size=size,
            size_gte=size_gte,
            size_lte=size_lte,
            sort=sort,
            type_=type_,
            updated_at=updated_at,
            updated_at_gte=updated_at_gte,
            updated_at_lte=updated_at_lte,
            url_query=url_query,
            width=width,
            width_gte=width_gte,
            width_lte=width_lte,
        )
    ).parsed
