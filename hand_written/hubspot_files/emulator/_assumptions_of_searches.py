"""Assumptions of the emulator about searches, contents, folders, tasks and tokens."""

from __future__ import annotations

from typing import Final

from ._assumption import Assumption

ASSUMPTIONS: Final = (
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
        "long-names",
        "searchFiles",
        "A name of 20 characters and more is refused with 400, on folders too.",
        "It was reported for a dated version.",
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
        "The guide's parentFolderPath is used like parentPath; parent_folder_path ignores or refuses it.",
        "The guide has the one name, the description and the reference page the other.",
    ),
    Assumption(
        "folder-conflict",
        "createFolder",
        "A name that another folder in the same parent has is refused with 409, on updates too; with "
        "existing_folder='return' the response is 201 with that folder.",
        "A path must identify one folder; a response of 201 with the existing folder was reported, too.",
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
        "task-links",
        "importFileFromUrl",
        "Links of tasks lead to api-na1.hubspot.com, or to the emulator if it has another address, on folders too.",
        "They were seen to lead there, and to v3 also for a dated version.",
    ),
    Assumption(
        "pending-dates",
        "getImportTask",
        "startedAt is absent while PENDING, completedAt until the end; COMPLETE adds numErrors and errors.",
        "They are published as required, but there is no value for them; a caller must tolerate their absence.",
    ),
    Assumption(
        "unfinished-imports",
        "getImportTask",
        "The status of an import is 200 until it has ended, too; with accepted_imports=True it is 202.",
        "The description has 200 only; a client that got nothing from other statuses reported to get nothing at first.",
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
        "missing-task",
        "getImportTask",
        "For an id that can be decoded, but is that of no task of this kind, the response is 404.",
        "It is the response of the other records.",
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
