"""The behaviour of the emulator that is neither documented by HubSpot nor observed there."""

from __future__ import annotations

from typing import Final

from . import _assumptions_of_searches
from ._assumption import Assumption

ASSUMPTIONS: Final = (
    Assumption(
        "blank-parameters",
        "any",
        "A query parameter without a value counts as absent.",
        "The documentation's own sample uploads with `?=` at the end of the path, and succeeds.",
    ),
    Assumption(
        "unknown-keys",
        "any",
        "Unknown keys of options and bodies, an import's excepted, are refused with 400; null counts as absent.",
        "An import with one was seen to be taken; a misspelt key that passes silently is the worse mistake.",
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
        "encoding-field",
        "getFile",
        "encoding is the extension in lower case for IMG, AUDIO and MOVIE; charsetHunch shows only in the "
        "Content-Type of served text.",
        "Seen as png for a PNG, and seen to be absent for a PDF and for OTHER.",
    ),
    Assumption(
        "rate-headers",
        "any",
        "Without a planned limit the headers show a ten-second window of 190 and a day of 650,000 with one call spent.",
        "Values of a paid account; tests should not run dry by themselves.",
    ),
    Assumption(
        "rate-group",
        "any",
        "The groupName of a 429 names the policy and the account.",
        "It was seen, but not in which form.",
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
        "Names are case-sensitive, and hidden files take names too; a taken name becomes name-1, name-2 and so on.",
        "The numbers were seen, the rest was not.",
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
        "REJECT refuses a duplicate with 409, or with reject_status=400.",
        "Both were reported; 409 is the API's status for a conflict.",
    ),
    Assumption(
        "import-duplicates",
        "importFileFromUrl",
        "duplicateValidationStrategy works as for uploads; with import_duplicates=False it has no effect.",
        "The description has it, and a user reported that it is ignored.",
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
        "move-visible",
        "updateFile",
        "A rename or a move is seen at once; with move_lag only later, in the result of a task, too.",
        "Former places were seen for a while, but not for how long.",
    ),
    Assumption(
        "replace-keeps",
        "replaceFile",
        "The id, name, extension, folder and, unless named, the expiry stay; access is required.",
        "Only access and expiresAt are documented to change with the content.",
    ),
    Assumption(
        "replace-name",
        "replaceFile",
        "The part fileName is taken without an effect; with replace_renames=True it renames the file.",
        "A client that is tested live sends it, and the description lacks it.",
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
    *_assumptions_of_searches.ASSUMPTIONS,
)
