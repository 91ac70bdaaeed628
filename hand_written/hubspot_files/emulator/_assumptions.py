"""The behaviour of the emulator that is neither documented by HubSpot nor observed there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Assumption:
    """A behaviour of the emulator without evidence.

    The code cites `name`, as `assumed: name`. `where` is an operationId, `fetchContent` for the
    storage host, or `any`.
    """

    name: str
    where: str
    what: str
    why: str


ASSUMPTIONS: Final = (
    Assumption(
        "blank-parameters",
        "any",
        "A query parameter without a value counts as absent.",
        "The documentation's own sample uploads with `?=` at the end of the path, and succeeds.",
    ),
    Assumption(
        "unknown-parameters",
        "any",
        "Query parameters that no operation knows are ignored.",
        "Servers of this kind read the parameters they know; none has been reported to refuse others.",
    ),
    Assumption(
        "unknown-keys",
        "any",
        "Unknown keys of a JSON body or of options are refused with 400; null counts as absent.",
        "A misspelt key that passes silently is the worse mistake in a test.",
    ),
    Assumption(
        "loose-ids",
        "any",
        "An id in a JSON body may be text or a number.",
        "The description has both, for the same folders; servers of this kind read either.",
    ),
    Assumption(
        "unknown-parts",
        "uploadFile",
        "An unknown or repeated form part is refused with 400, on replaceFile too.",
        "One call takes one file; and a part that was smuggled into a form must not go unnoticed.",
    ),
    Assumption(
        "large-bodies",
        "any",
        "JSON bodies over 8 MiB are refused with 413, form parts other than the file over 1 MiB with 400.",
        "There is a limit on every server; no call needs more.",
    ),
    Assumption(
        "unknown-version",
        "any",
        "A path of the Files API with a version that has not been published is unknown: 404, with an HTML page.",
        "Its path is one of the paths that no server has.",
    ),
    Assumption(
        "missing-operation",
        "any",
        "An operation that the published description of a version lacks is unknown in it: 404, with an HTML page.",
        "The description is all that HubSpot says. What the server does has not been reported.",
    ),
    Assumption(
        "wrong-method",
        "any",
        "For a known path with another method the response is 405, with an HTML page and Allow.",
        "Unknown routes are known to return HTML; the router is the same.",
    ),
    Assumption(
        "absent-not-null",
        "any",
        "Fields without a value are left out, not null; a file or folder in the root has no parentFolderId.",
        "The documented sample shows no null.",
    ),
    Assumption(
        "properties-subset",
        "getFile",
        "With properties, a response holds these and the id, required ones only if named; unknown names are ignored.",
        "The least that the description's wording allows, so that callers do not lean on more.",
    ),
    Assumption(
        "source-group",
        "getFile",
        "sourceGroup is CONTENT.",
        "The description lists five values, but not who sets them.",
    ),
    Assumption(
        "encoding-field",
        "getFile",
        "encoding is the extension in lower case; charsetHunch shows only in the Content-Type of served text.",
        "The documented sample has encoding png for a PNG.",
    ),
    Assumption(
        "rate-headers",
        "any",
        "Without a planned limit the headers show a ten-second window of 190 and a day of 650,000 with one call spent.",
        "Values of a paid account; tests should not run dry by themselves.",
    ),
    Assumption(
        "creation-limit",
        "uploadFile",
        "A planned limit on creating files counts uploads and imports; its 429 names the wait in the message only.",
        "The message was seen on an older route, without policyName and Retry-After.",
    ),
    Assumption(
        "bad-names",
        "uploadFile",
        "A name that is blank, '.', '..', or holds a slash or control character is refused with 400, also for folders.",
        "It could not be one segment of a path.",
    ),
    Assumption(
        "borrowed-extension",
        "uploadFile",
        "A fileName without an extension takes that of the file part's own name.",
        "fileName names the file, not its kind.",
    ),
    Assumption(
        "rename-suffix",
        "uploadFile",
        "A taken name becomes name-1, name-2 and so on. Names are case-sensitive, hidden files take names too.",
        "The description states that the name is updated, not how.",
    ),
    Assumption(
        "duplicates-by-content",
        "uploadFile",
        "A duplicate is a visible file with the same MD5, whatever its name; the oldest is returned, with 201.",
        "The documentation speaks of duplicate files beside collisions of names, and of no other status.",
    ),
    Assumption(
        "duplicate-rejected",
        "uploadFile",
        "REJECT refuses a duplicate with 409.",
        "The documentation states only that the upload is rejected; 409 is the API's status for a conflict.",
    ),
    Assumption(
        "past-expiry",
        "updateFile",
        "expiresAt must lie in the future, and may be ISO-8601 or milliseconds, also in replace options and imports.",
        "A file that has expired already is indistinguishable from a mistake.",
    ),
    Assumption(
        "hidden-change",
        "updateFile",
        "A hidden access is accepted only for a file that is hidden already, also in replace options.",
        "Hidden files cannot be made through the API; changing one into a hidden one would make it.",
    ),
    Assumption(
        "hidden-write-scope",
        "updateFile",
        "To change or delete a hidden file a token needs files.ui_hidden.write; without it the file is not found.",
        "The documentation requires files.ui_hidden.read for reading.",
    ),
    Assumption(
        "rename-keeps-extension",
        "updateFile",
        "name changes the name only: the extension stays, and is taken off when it is repeated.",
        "File shows name and extension apart, and there is no field to change the latter.",
    ),
    Assumption(
        "move-conflict",
        "updateFile",
        "A new name or folder where a file of that name exists is refused with 409.",
        "Renaming silently is documented for uploads only.",
    ),
    Assumption(
        "move-to-missing-folder",
        "updateFile",
        "For a parentFolderPath that does not exist the response is 404; so it is for the parentPath of createFolder.",
        "Making folders on the way is documented for uploads and imports only.",
    ),
    Assumption(
        "replace-keeps",
        "replaceFile",
        "The id, name, extension, folder and, unless named, the expiry stay; access is required.",
        "Only access and expiresAt are documented to change with the content.",
    ),
    Assumption(
        "gdpr-at-once",
        "gdprDeleteFile",
        "Content and metadata are deleted at once, not within seven days.",
        "Until they are deleted nobody can reach them, so no caller can notice the difference.",
    ),
    Assumption(
        "gdpr-after-delete",
        "gdprDeleteFile",
        "A deleted file can still be erased; the response to a second erasure is 404.",
        "Erasure exists for the data that deletion leaves behind.",
    ),
    Assumption(
        "stat-file-first",
        "statPath",
        "Where a file without extension and a folder share a path, the file is returned; leading slashes are ignored.",
        "The response holds one of the two.",
    ),
    Assumption(
        "search-cap",
        "searchFiles",
        "after up to 10,000 is accepted, more is refused with 400; the page before still names the next.",
        "The maximum is documented as one of the offset.",
    ),
    Assumption(
        "limit-refused",
        "searchFiles",
        "A limit below 1 or above 100 is refused with 400, on folders too.",
        "The documentation gives a maximum; cutting it silently would hide the mistake.",
    ),
    Assumption(
        "before-cursor",
        "searchFiles",
        "before up to 10,000 is the offset that a page ends at, as in paging.prev; larger ones are a time "
        "to be updated before.",
        "The description uses the one name for both.",
    ),
    Assumption(
        "default-order",
        "searchFiles",
        "Without sort, and among equals, results are ordered by id.",
        "Pages need a stable order, and that of ids is the oldest.",
    ),
    Assumption(
        "search-matching",
        "searchFiles",
        "name matches any part of name and extension in any case; path and url match exactly; extension, "
        "type, encoding and MD5 match exactly in any case.",
        "The description specifies containing for names, and nothing for the others.",
    ),
    Assumption(
        "offset-required",
        "searchFiles",
        "A date-time without an offset from UTC is refused with 400; times are compared in milliseconds.",
        "It names no instant.",
    ),
    Assumption(
        "longest-life",
        "getSignedUrl",
        "expirationSeconds is 3600 by default and cut to 21600.",
        "Both have been observed, neither is documented.",
    ),
    Assumption(
        "no-resizing",
        "getSignedUrl",
        "size and upscale are checked and signed, but the content and its dimensions stay those of the file.",
        "The four sizes are named, their pixels are not.",
    ),
    Assumption(
        "signed-url-property",
        "getSignedUrl",
        "property leaves url, expiresAt and the named fields.",
        "The guide mentions the parameter without an example.",
    ),
    Assumption(
        "download-response",
        "downloadFile",
        "The response is a 302 to a signed URL, or with download_redirects=False the content with 200.",
        "The description has no success response.",
    ),
    Assumption(
        "signed-url-follows",
        "fetchContent",
        "A signed URL goes on granting access, to the content of the day, after the file is replaced, "
        "moved or made sensitive; a deleted file is 404.",
        "The signature names the file.",
    ),
    Assumption(
        "hidden-public-urls",
        "fetchContent",
        "HIDDEN_INDEXABLE and HIDDEN_NOT_INDEXABLE files are served at their URL as public ones are.",
        "Hidden means not listed in the files tool.",
    ),
    Assumption(
        "private-noindex",
        "fetchContent",
        "Whatever is not indexable is served with X-Robots-Tag: noindex, signed URLs too.",
        "It is documented for PUBLIC_NOT_INDEXABLE only; the same purpose holds for the others.",
    ),
    Assumption(
        "loose-slashes",
        "uploadFile",
        "Leading, trailing and doubled slashes of a path are ignored, in bodies and in URLs.",
        "Both /a/b and a/b are in use.",
    ),
    Assumption(
        "missing-folder",
        "uploadFile",
        "For a folder id that does not exist the response is 404, wherever it is given.",
        "It is the response at the folder's own URL.",
    ),
    Assumption(
        "root-is-no-folder",
        "getFolderByPath",
        "The root has no id and cannot be read, moved or deleted; stat of it is 404.",
        "No observed response contains one.",
    ),
    Assumption(
        "parent-path-name",
        "createFolder",
        "parentPath is the field's name; the guide's parentFolderPath is an unknown key.",
        "The description and the reference page agree against the guide.",
    ),
    Assumption(
        "folder-conflict",
        "createFolder",
        "A name that another folder in the same parent has is refused with 409, on updates too.",
        "A path must identify one folder.",
    ),
    Assumption(
        "folder-cycle",
        "updateFolder",
        "A move into itself or below itself is refused with 400.",
        "It would cut the folder off.",
    ),
    Assumption(
        "folder-delete-recursive",
        "deleteFolder",
        "Everything below a deleted folder is deleted with it.",
        "A file in a deleted folder would have no path.",
    ),
    Assumption(
        "folder-task-checks",
        "updateFolderRecursively",
        "For unknown folders the response is 404 at once; conflicts end the task with an error.",
        "Ids are cheap to check; conflicts are not known before the task runs.",
    ),
    Assumption(
        "pending-dates",
        "getImportTask",
        "startedAt is absent while PENDING, completedAt until the end; COMPLETE adds numErrors and errors.",
        "They are published as required, but there is no value for them; a caller must tolerate their absence.",
    ),
    Assumption(
        "canceled-dates",
        "getImportTask",
        "A CANCELED task has completedAt and no result.",
        "It has ended.",
    ),
    Assumption(
        "task-failure",
        "getImportTask",
        "A failed task is COMPLETE with numErrors 1, one error whose status is the HTTP status it would "
        "have had as a call, and no result.",
        "There is no status FAILED, and the published error has a status of text.",
    ),
    Assumption(
        "oauth-versions",
        "createToken",
        "Every dated version serves the three token endpoints alike; v1 serves the one that issues tokens.",
        "A version is a promise of stability; HubSpot names the other endpoints of v1 differently, and ends them.",
    ),
    Assumption(
        "oauth-errors",
        "createToken",
        "Errors have the status 400, and error and error_description of RFC 6749 beside status and message.",
        "The announcement shows these four fields for a refresh token that is not valid, and no status.",
    ),
    Assumption(
        "oauth-rotation",
        "createToken",
        "A refresh token stays the same; that of an app with rotates_refresh_tokens is replaced at each renewal.",
        "Responses have a refresh_token, and the documentation does not say that it changes; OAuth 2.1 recommends it.",
    ),
    Assumption(
        "oauth-codes",
        "createToken",
        "A code is valid for ten minutes and accepted once; a refused attempt does not use it up.",
        "RFC 6749 recommends ten minutes at most, and requires that a code is used once.",
    ),
    Assumption(
        "oauth-unlimited",
        "createToken",
        "Requests to the token endpoints do not count towards the rate limits.",
        "They name an app, and the limits are those of a token and an account.",
    ),
    Assumption(
        "oauth-revocation",
        "revokeToken",
        "The access tokens of a revoked refresh token remain valid until they expire; unknown tokens are a success.",
        "The endpoint is described as deleting a refresh token; RFC 7009 requires the success.",
    ),
    Assumption(
        "oauth-introspection",
        "introspectToken",
        "For a token that is unknown, expired or of another app the response is active: false, and nothing else.",
        "RFC 7662 requires it, to disclose nothing.",
    ),
)
