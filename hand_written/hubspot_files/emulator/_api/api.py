"""The API from request to response: authentication, limits and scopes, then the operation."""

from __future__ import annotations

from typing import Final

from .._clock import iso_format
from .._messages import (
    ApiError,
    IncomingRequest,
    PageError,
    QueryParameters,
    Response,
    error_response,
    json_response,
    page_response,
)
from .._rate_limits import CREATING_FILES, RateLimits
from .._store import TaskRow, TokenRow
from .body import RequestBody
from .call import ApiContext, Call
from .folders import run_folder_update
from .imports import run_import
from .routes import route
from .strict import check_described
from .versions import promised_only, query_in_default_version

# Texts of HubSpot's.
_NOT_AUTHENTICATED: Final = (
    "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at "
    "https://developers.hubspot.com/docs/methods/auth/oauth-overview"
)
_NOT_GRANTED: Final = (
    "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: "
    "https://developers.hubspot.com/scopes."
)
_DAY: Final = 86_400_000
_SCOPE_LINK: Final = "https://developers.hubspot.com/scopes"
_NO_TOKEN: Final = TokenRow("", frozenset(), False, None)
_CREATIONS: Final = frozenset({"uploadFile", "importFileFromUrl"})
_RUNNERS: Final = {"import": run_import, "folder": run_folder_update}


class Api:
    """The API of an account."""

    def __init__(self, context: ApiContext, limits: RateLimits) -> None:
        self.context = context
        self.limits = limits

    def respond(self, request: IncomingRequest, body: RequestBody) -> Response:
        """Make the response to a request, refusals included."""
        correlation_id = self.context.new_correlation_id()
        token: TokenRow | None = None
        try:
            found = route(request.method, request.path)
            policy = None
            if found.operation.takes_token:
                token = self._authenticate(request.headers.get("authorization", ""))
                # assumed: oauth-unlimited
                policy = self.limits.spend(token.token, creates_file=found.operation.name in _CREATIONS)
            if policy is not None:
                response = _too_many(policy, self.context.storage.portal_id, correlation_id)
            else:
                if token is not None:
                    _require_scope(token, found.operation.scopes)
                version, name, url = found.version, found.operation.name, self.context.base_url + request.path
                query = query_in_default_version(version, name, QueryParameters(request.query))
                if self.context.behaviour.strict:
                    check_described(version, name, query, body)
                call = Call(version, name, found.path_parameters, query, body, url, token or _NO_TOKEN)
                response = found.operation.run(self.context, call)
                if self.context.behaviour.promised_only:
                    promised_only(version, name, response)
        except ApiError as error:
            response = error_response(error, correlation_id)
        except PageError as error:
            response = page_response(error.status, str(error), error.headers)
        oauth = token is not None and token.oauth
        response.headers.update(self.limits.headers(token.token if token else None, oauth=oauth))
        response.headers["X-HubSpot-Correlation-Id"] = correlation_id
        return response

    def _authenticate(self, authorization: str) -> TokenRow:
        scheme, _, value = authorization.partition(" ")
        token = self.context.store.tokens.get(value.strip()) if scheme.lower() == "bearer" else None
        if token is None:
            raise ApiError(401, _NOT_AUTHENTICATED, "INVALID_AUTHENTICATION")
        if token.expires_at is not None and self.context.clock.milliseconds() >= token.expires_at:
            days = (self.context.clock.milliseconds() - token.expires_at) // _DAY
            raise ApiError(
                401,
                f"The OAuth token used to make this call expired {days} day(s) ago.",
                "EXPIRED_AUTHENTICATION",
                context={"expire time": [iso_format(token.expires_at)]},
            )
        return token

    def pass_time(self) -> None:
        """Bring tasks and expired files to the state that they have by the clock."""
        self.context.moves.pass_time()
        self.context.tasks.pass_time(self._run)
        self.context.store.files.purge_expired(self.context.clock.milliseconds())

    def finish_tasks(self) -> None:
        """End every task now, except imports that are still being fetched."""
        self.context.tasks.finish_all(self._run)

    def _run(self, task: TaskRow) -> int | None:
        return _RUNNERS[task.kind](self.context, task)


def _require_scope(token: TokenRow, scopes: tuple[str, ...]) -> None:
    if not token.scopes & set(scopes):
        raise ApiError(
            403,
            _NOT_GRANTED,
            "MISSING_SCOPES",
            errors=[
                {
                    "message": "One or more of the following scopes are required.",
                    "context": {"requiredGranularScopes": list(scopes)},
                }
            ],
            links={"scopes": _SCOPE_LINK},
        )


def _too_many(policy: str, portal_id: int, correlation_id: str) -> Response:
    body = {"status": "error", "message": f"You have reached your {policy.lower()} limit.", "errorType": "RATE_LIMIT"}
    body["correlationId"] = correlation_id
    if policy == CREATING_FILES:
        body["message"] = "Rate limit exceeded for creating files. Retry in 1 minute."
    else:
        body["policyName"] = policy
        # assumed: rate-group
        body["groupName"] = f"publicapi:{policy.lower()}:{portal_id}"
    return json_response(429, body)
