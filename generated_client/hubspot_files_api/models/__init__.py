"""Contains all the data models used in inputs/outputs"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .access import Access
    from .duplicate_scope import DuplicateScope
    from .duplicate_strategy import DuplicateStrategy
    from .error import Error
    from .error_context import ErrorContext
    from .error_detail import ErrorDetail
    from .error_detail_context import ErrorDetailContext
    from .error_links import ErrorLinks
    from .file import File
    from .file_import import FileImport
    from .file_page import FilePage
    from .file_replace_options import FileReplaceOptions
    from .file_replacement import FileReplacement
    from .file_stat import FileStat
    from .file_update import FileUpdate
    from .file_upload import FileUpload
    from .file_upload_options import FileUploadOptions
    from .folder import Folder
    from .folder_create import FolderCreate
    from .folder_page import FolderPage
    from .folder_recursive_update import FolderRecursiveUpdate
    from .folder_update import FolderUpdate
    from .folder_update_task import FolderUpdateTask
    from .import_task import ImportTask
    from .legacy_signed_url import LegacySignedUrl
    from .next_page import NextPage
    from .paging import Paging
    from .previous_page import PreviousPage
    from .signed_url import SignedUrl
    from .signed_url_size import SignedUrlSize
    from .source_group import SourceGroup
    from .task_error import TaskError
    from .task_error_context import TaskErrorContext
    from .task_error_links import TaskErrorLinks
    from .task_locator import TaskLocator
    from .task_status import TaskStatus
else:
    _MODULES = {
        "Access": ".access",
        "DuplicateScope": ".duplicate_scope",
        "DuplicateStrategy": ".duplicate_strategy",
        "Error": ".error",
        "ErrorContext": ".error_context",
        "ErrorDetail": ".error_detail",
        "ErrorDetailContext": ".error_detail_context",
        "ErrorLinks": ".error_links",
        "File": ".file",
        "FileImport": ".file_import",
        "FilePage": ".file_page",
        "FileReplaceOptions": ".file_replace_options",
        "FileReplacement": ".file_replacement",
        "FileStat": ".file_stat",
        "FileUpdate": ".file_update",
        "FileUpload": ".file_upload",
        "FileUploadOptions": ".file_upload_options",
        "Folder": ".folder",
        "FolderCreate": ".folder_create",
        "FolderPage": ".folder_page",
        "FolderRecursiveUpdate": ".folder_recursive_update",
        "FolderUpdate": ".folder_update",
        "FolderUpdateTask": ".folder_update_task",
        "ImportTask": ".import_task",
        "LegacySignedUrl": ".legacy_signed_url",
        "NextPage": ".next_page",
        "Paging": ".paging",
        "PreviousPage": ".previous_page",
        "SignedUrl": ".signed_url",
        "SignedUrlSize": ".signed_url_size",
        "SourceGroup": ".source_group",
        "TaskError": ".task_error",
        "TaskErrorContext": ".task_error_context",
        "TaskErrorLinks": ".task_error_links",
        "TaskLocator": ".task_locator",
        "TaskStatus": ".task_status",
    }

    def __getattr__(name):
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(_MODULES[name], __name__), name)
        return value


__all__ = (
    "Access",
    "DuplicateScope",
    "DuplicateStrategy",
    "Error",
    "ErrorContext",
    "ErrorDetail",
    "ErrorDetailContext",
    "ErrorLinks",
    "File",
    "FileImport",
    "FilePage",
    "FileReplacement",
    "FileReplaceOptions",
    "FileStat",
    "FileUpdate",
    "FileUpload",
    "FileUploadOptions",
    "Folder",
    "FolderCreate",
    "FolderPage",
    "FolderRecursiveUpdate",
    "FolderUpdate",
    "FolderUpdateTask",
    "ImportTask",
    "LegacySignedUrl",
    "NextPage",
    "Paging",
    "PreviousPage",
    "SignedUrl",
    "SignedUrlSize",
    "SourceGroup",
    "TaskError",
    "TaskErrorContext",
    "TaskErrorLinks",
    "TaskLocator",
    "TaskStatus",
)
