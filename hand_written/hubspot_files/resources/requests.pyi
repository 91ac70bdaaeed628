# Written by tools/write_stubs.py, from the flows of the base classes. Run it again instead of editing this file.
# Methods return the results of the flows that they override.
# mypy: disable-error-code="override"
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false

from collections.abc import Mapping
from typing import Any

from .._engine.methods import AsyncResource, SyncResource
from .._engine.responses import Response
from .._http.timeouts import Timeout
from .custom_requests import CustomRequests

class Requests(CustomRequests, SyncResource):
    """The request of HubSpotFiles."""

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout: Timeout = None,
    ) -> Response:
        """Send a request to an endpoint that has no method here, with the client's token and retries.

        GET, HEAD, OPTIONS, PUT and DELETE are idempotent and retried. A request of any other method is retried only if
        HubSpot cannot have acted on it.

        Args:
            method: HTTP method, such as `GET`.
            path: path on the API, such as `/files/v3/files/1`, already quoted. `v3` in a path of the Files API stands
                for the client's version. `with_options(api_version="v3")` sends to v3 itself.
            params: query parameters. Values are str, int, float or bool, or lists of these. Those that are None are
                not sent.
            json: value to send as JSON, or None.
            headers: further headers. Headers that the client sets itself are refused: Authorization, Host,
                Accept-Encoding, and those for the length of the body and for the connection.
            timeout: seconds, or an httpx.Timeout, for each step of the connection. None is the client's.

        Returns:
            The response: `status_code`, `headers`, `content` and `json()`. Its status is 200 to 299, or the 404 of a
            DELETE that was retried and that an earlier attempt may have completed.

        Raises:
            APIError: HubSpot responded with an error. The class depends on the status.
            ConnectionFailedError: there was no response.
            OutcomeUnknownError: HubSpot may have acted on the request, and it is not idempotent.
            UnsupportedOperationError: the client's version lacks this operation. Nothing was sent.
            UnexpectedResponseError: the request succeeded, but the response is larger than 32 MiB or cannot be decoded.
            ValueError: method is not valid, path is not a path on the API, or params, json or headers cannot be sent.
            TypeError: params, json or headers hold a value of a type that cannot be sent.
        """

class AsyncRequests(CustomRequests, AsyncResource):
    """The request of AsyncHubSpotFiles."""

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout: Timeout = None,
    ) -> Response:
        """Send a request to an endpoint that has no method here, with the client's token and retries.

        GET, HEAD, OPTIONS, PUT and DELETE are idempotent and retried. A request of any other method is retried only if
        HubSpot cannot have acted on it.

        Args:
            method: HTTP method, such as `GET`.
            path: path on the API, such as `/files/v3/files/1`, already quoted. `v3` in a path of the Files API stands
                for the client's version. `with_options(api_version="v3")` sends to v3 itself.
            params: query parameters. Values are str, int, float or bool, or lists of these. Those that are None are
                not sent.
            json: value to send as JSON, or None.
            headers: further headers. Headers that the client sets itself are refused: Authorization, Host,
                Accept-Encoding, and those for the length of the body and for the connection.
            timeout: seconds, or an httpx.Timeout, for each step of the connection. None is the client's.

        Returns:
            The response: `status_code`, `headers`, `content` and `json()`. Its status is 200 to 299, or the 404 of a
            DELETE that was retried and that an earlier attempt may have completed.

        Raises:
            APIError: HubSpot responded with an error. The class depends on the status.
            ConnectionFailedError: there was no response.
            OutcomeUnknownError: HubSpot may have acted on the request, and it is not idempotent.
            UnsupportedOperationError: the client's version lacks this operation. Nothing was sent.
            UnexpectedResponseError: the request succeeded, but the response is larger than 32 MiB or cannot be decoded.
            ValueError: method is not valid, path is not a path on the API, or params, json or headers cannot be sent.
            TypeError: params, json or headers hold a value of a type that cannot be sent.
        """
