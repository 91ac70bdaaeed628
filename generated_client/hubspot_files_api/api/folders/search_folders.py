import datetime
from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.error import Error
from ...models.folder_page import FolderPage
from ...types import Response


def _get_kwargs(
    *,
    after: str | None = None,
    before: str | None = None,
    created_at: datetime.datetime | None = None,
    created_at_gte: datetime.datetime | None = None,
    created_at_lte: datetime.datetime | None = None,
    id_gte: int | None = None,
    id_lte: int | None = None,
    ids: list[int] | None = None,
    limit: int | None = None,
    name: str | None = None,
    parent_folder_ids: list[int] | None = None,
    path: str | None = None,
    properties: list[str] | None = None,
    sort: list[str] | None = None,
    updated_at: datetime.datetime | None = None,
    updated_at_gte: datetime.datetime | None = None,
    updated_at_lte: datetime.datetime | None = None,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["after"] = after

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

    params["idGte"] = id_gte

    params["idLte"] = id_lte

    json_ids: list[int] | None = None
    if ids is not None:
        json_ids = ids

    params["ids"] = json_ids

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

    json_sort: list[str] | None = None
    if sort is not None:
        json_sort = sort

    params["sort"] = json_sort

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

    params = {k: v for k, v in params.items() if v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/files/v3/folders/search",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Error | FolderPage | None:
    if response.status_code == 200:
        response_200 = FolderPage.from_dict(response.json())

        return response_200

    try:
        response_default = Error.from_dict(response.json())

        return response_default

    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Error | FolderPage]:
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
    before: str | None = None,
    created_at: datetime.datetime | None = None,
    created_at_gte: datetime.datetime | None = None,
    created_at_lte: datetime.datetime | None = None,
    id_gte: int | None = None,
    id_lte: int | None = None,
    ids: list[int] | None = None,
    limit: int | None = None,
    name: str | None = None,
    parent_folder_ids: list[int] | None = None,
    path: str | None = None,
    properties: list[str] | None = None,
    sort: list[str] | None = None,
    updated_at: datetime.datetime | None = None,
    updated_at_gte: datetime.datetime | None = None,
    updated_at_lte: datetime.datetime | None = None,
) -> Response[Error | FolderPage]:
    """Search folders

     Lists the folders that match every given filter, page by page. Hidden and deleted folders are left
    out.

    Args:
        after (str | None): Offset of the first result, as the page before gave it. 10000 is the
            highest that is answered. Example: 100.
        before (str | None): Cursor of the page before, or a time before which results were
            updated.
        created_at (datetime.datetime | None): Exact time of creation.
        created_at_gte (datetime.datetime | None): Earliest time of creation.
        created_at_lte (datetime.datetime | None): Latest time of creation.
        id_gte (int | None): Smallest id.
        id_lte (int | None): Largest id.
        ids (list[int] | None): Any of these ids. Example: [122692044085, 122692044086].
        limit (int | None): Results per page, 10 where it is not sent, 100 at the most. Example:
            100.
        name (str | None): Part of the name.
        parent_folder_ids (list[int] | None): Directly in any of the folders with these ids.
        path (str | None): Path in the file manager.
        properties (list[str] | None): Names of the properties to answer; all of them where it is
            not sent. Example: ['name', 'size'].
        sort (list[str] | None): Properties to sort by; a leading minus sorts downwards. Example:
            ['-createdAt'].
        updated_at (datetime.datetime | None): Exact time of the last change.
        updated_at_gte (datetime.datetime | None): Earliest time of the last change.
        updated_at_lte (datetime.datetime | None): Latest time of the last change.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | FolderPage]
    """

    kwargs = client.in_version(
        "searchFolders",
        _get_kwargs(
            after=after,
            before=before,
            created_at=created_at,
            created_at_gte=created_at_gte,
            created_at_lte=created_at_lte,
            id_gte=id_gte,
            id_lte=id_lte,
            ids=ids,
            limit=limit,
            name=name,
            parent_folder_ids=parent_folder_ids,
            path=path,
            properties=properties,
            sort=sort,
            updated_at=updated_at,
            updated_at_gte=updated_at_gte,
            updated_at_lte=updated_at_lte,
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
    before: str | None = None,
    created_at: datetime.datetime | None = None,
    created_at_gte: datetime.datetime | None = None,
    created_at_lte: datetime.datetime | None = None,
    id_gte: int | None = None,
    id_lte: int | None = None,
    ids: list[int] | None = None,
    limit: int | None = None,
    name: str | None = None,
    parent_folder_ids: list[int] | None = None,
    path: str | None = None,
    properties: list[str] | None = None,
    sort: list[str] | None = None,
    updated_at: datetime.datetime | None = None,
    updated_at_gte: datetime.datetime | None = None,
    updated_at_lte: datetime.datetime | None = None,
) -> Error | FolderPage | None:
    """Search folders

     Lists the folders that match every given filter, page by page. Hidden and deleted folders are left
    out.

    Args:
        after (str | None): Offset of the first result, as the page before gave it. 10000 is the
            highest that is answered. Example: 100.
        before (str | None): Cursor of the page before, or a time before which results were
            updated.
        created_at (datetime.datetime | None): Exact time of creation.
        created_at_gte (datetime.datetime | None): Earliest time of creation.
        created_at_lte (datetime.datetime | None): Latest time of creation.
        id_gte (int | None): Smallest id.
        id_lte (int | None): Largest id.
        ids (list[int] | None): Any of these ids. Example: [122692044085, 122692044086].
        limit (int | None): Results per page, 10 where it is not sent, 100 at the most. Example:
            100.
        name (str | None): Part of the name.
        parent_folder_ids (list[int] | None): Directly in any of the folders with these ids.
        path (str | None): Path in the file manager.
        properties (list[str] | None): Names of the properties to answer; all of them where it is
            not sent. Example: ['name', 'size'].
        sort (list[str] | None): Properties to sort by; a leading minus sorts downwards. Example:
            ['-createdAt'].
        updated_at (datetime.datetime | None): Exact time of the last change.
        updated_at_gte (datetime.datetime | None): Earliest time of the last change.
        updated_at_lte (datetime.datetime | None): Latest time of the last change.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | FolderPage
    """

    return sync_detailed(
        client=client,
        after=after,
        before=before,
        created_at=created_at,
        created_at_gte=created_at_gte,
        created_at_lte=created_at_lte,
        id_gte=id_gte,
        id_lte=id_lte,
        ids=ids,
        limit=limit,
        name=name,
        parent_folder_ids=parent_folder_ids,
        path=path,
        properties=properties,
        sort=sort,
        updated_at=updated_at,
        updated_at_gte=updated_at_gte,
        updated_at_lte=updated_at_lte,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    after: str | None = None,
    before: str | None = None,
    created_at: datetime.datetime | None = None,
    created_at_gte: datetime.datetime | None = None,
    created_at_lte: datetime.datetime | None = None,
    id_gte: int | None = None,
    id_lte: int | None = None,
    ids: list[int] | None = None,
    limit: int | None = None,
    name: str | None = None,
    parent_folder_ids: list[int] | None = None,
    path: str | None = None,
    properties: list[str] | None = None,
    sort: list[str] | None = None,
    updated_at: datetime.datetime | None = None,
    updated_at_gte: datetime.datetime | None = None,
    updated_at_lte: datetime.datetime | None = None,
) -> Response[Error | FolderPage]:
    """Search folders

     Lists the folders that match every given filter, page by page. Hidden and deleted folders are left
    out.

    Args:
        after (str | None): Offset of the first result, as the page before gave it. 10000 is the
            highest that is answered. Example: 100.
        before (str | None): Cursor of the page before, or a time before which results were
            updated.
        created_at (datetime.datetime | None): Exact time of creation.
        created_at_gte (datetime.datetime | None): Earliest time of creation.
        created_at_lte (datetime.datetime | None): Latest time of creation.
        id_gte (int | None): Smallest id.
        id_lte (int | None): Largest id.
        ids (list[int] | None): Any of these ids. Example: [122692044085, 122692044086].
        limit (int | None): Results per page, 10 where it is not sent, 100 at the most. Example:
            100.
        name (str | None): Part of the name.
        parent_folder_ids (list[int] | None): Directly in any of the folders with these ids.
        path (str | None): Path in the file manager.
        properties (list[str] | None): Names of the properties to answer; all of them where it is
            not sent. Example: ['name', 'size'].
        sort (list[str] | None): Properties to sort by; a leading minus sorts downwards. Example:
            ['-createdAt'].
        updated_at (datetime.datetime | None): Exact time of the last change.
        updated_at_gte (datetime.datetime | None): Earliest time of the last change.
        updated_at_lte (datetime.datetime | None): Latest time of the last change.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | FolderPage]
    """

    kwargs = client.in_version(
        "searchFolders",
        _get_kwargs(
            after=after,
            before=before,
            created_at=created_at,
            created_at_gte=created_at_gte,
            created_at_lte=created_at_lte,
            id_gte=id_gte,
            id_lte=id_lte,
            ids=ids,
            limit=limit,
            name=name,
            parent_folder_ids=parent_folder_ids,
            path=path,
            properties=properties,
            sort=sort,
            updated_at=updated_at,
            updated_at_gte=updated_at_gte,
            updated_at_lte=updated_at_lte,
        ),
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    after: str | None = None,
    before: str | None = None,
    created_at: datetime.datetime | None = None,
    created_at_gte: datetime.datetime | None = None,
    created_at_lte: datetime.datetime | None = None,
    id_gte: int | None = None,
    id_lte: int | None = None,
    ids: list[int] | None = None,
    limit: int | None = None,
    name: str | None = None,
    parent_folder_ids: list[int] | None = None,
    path: str | None = None,
    properties: list[str] | None = None,
    sort: list[str] | None = None,
    updated_at: datetime.datetime | None = None,
    updated_at_gte: datetime.datetime | None = None,
    updated_at_lte: datetime.datetime | None = None,
) -> Error | FolderPage | None:
    """Search folders

     Lists the folders that match every given filter, page by page. Hidden and deleted folders are left
    out.

    Args:
        after (str | None): Offset of the first result, as the page before gave it. 10000 is the
            highest that is answered. Example: 100.
        before (str | None): Cursor of the page before, or a time before which results were
            updated.
        created_at (datetime.datetime | None): Exact time of creation.
        created_at_gte (datetime.datetime | None): Earliest time of creation.
        created_at_lte (datetime.datetime | None): Latest time of creation.
        id_gte (int | None): Smallest id.
        id_lte (int | None): Largest id.
        ids (list[int] | None): Any of these ids. Example: [122692044085, 122692044086].
        limit (int | None): Results per page, 10 where it is not sent, 100 at the most. Example:
            100.
        name (str | None): Part of the name.
        parent_folder_ids (list[int] | None): Directly in any of the folders with these ids.
        path (str | None): Path in the file manager.
        properties (list[str] | None): Names of the properties to answer; all of them where it is
            not sent. Example: ['name', 'size'].
        sort (list[str] | None): Properties to sort by; a leading minus sorts downwards. Example:
            ['-createdAt'].
        updated_at (datetime.datetime | None): Exact time of the last change.
        updated_at_gte (datetime.datetime | None): Earliest time of the last change.
        updated_at_lte (datetime.datetime | None): Latest time of the last change.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | FolderPage
    """

    return (
        await asyncio_detailed(
            client=client,
            after=after,
            before=before,
            created_at=created_at,
            created_at_gte=created_at_gte,
            created_at_lte=created_at_lte,
            id_gte=id_gte,
            id_lte=id_lte,
            ids=ids,
            limit=limit,
            name=name,
            parent_folder_ids=parent_folder_ids,
            path=path,
            properties=properties,
            sort=sort,
            updated_at=updated_at,
            updated_at_gte=updated_at_gte,
            updated_at_lte=updated_at_lte,
        )
    ).parsed
