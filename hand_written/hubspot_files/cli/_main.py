"""The commands by name, the help of all, and the errors of the command line."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Iterable
from typing import Final

import click

from .._version import __version__
from ._errors import INTERRUPTED, MISUSE, TOKEN_ADVICE, report_usage_error
from ._output import NARROW

# Names up to this length leave enough of a narrow line for the text.
_SHORT: Final = 16
_PACKAGE: Final = __package__ or ""

# The module and the short help of each command, so that one does not import all others.
COMMANDS: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "Look": {
        "ls": ("_listing", "List folders."),
        "find": ("_find", "Find files by access, size, age, type, name or MD5."),
        "stat": ("_stat", "Show all that HubSpot knows of a file or a folder."),
        "audit": ("_audit", "Report files that are public, equal, large, expiring, empty or unused."),
    },
    "Transfer": {
        "upload": ("_transfers", "Upload files or a directory."),
        "download": ("_transfers", "Download files or a folder."),
        "sync": ("_transfers", "Make a folder like a directory, or a directory like a folder."),
    },
    "Change": {
        "mv": ("_mv", "Move or rename a file or a folder."),
        "rm": ("_rm", "Delete files and folders."),
        "mkdir": ("_mkdir", "Create folders."),
        "access": ("_access", "Change who has access to files."),
        "apply": ("_apply", "Apply a plan that another command wrote."),
    },
    "Share": {
        "link": ("_link", "Make a link to a private file, which expires."),
    },
    "Try and set up": {
        "demo": ("_demo", "See an upload, a signed URL, a download and a deletion, with no account and no network."),
        "emulator": ("_emulator", "Serve an emulated HubSpot on this machine, for programs in any language."),
        "completion": ("_completion", "Print the completion script of a shell."),
    },
}
_MODULES: Final = {name: module for section in COMMANDS.values() for name, (module, _) in section.items()}
# Examples of these commands by the names that other tools give to them.
_LS: Final = "ls hubspot:/library"
_FIND: Final = "find hubspot:/library --name '*.pdf'"
_STAT: Final = "stat hubspot:/library/cat.png"
_UPLOAD: Final = "upload cat.png hubspot:/library"
_DOWNLOAD: Final = "download hubspot:/library/cat.png ."
_SYNC: Final = "sync pictures hubspot:/pictures"
_MV: Final = "mv hubspot:/cat.png hubspot:/library/"
_RM: Final = "rm hubspot:/library/old.pdf"
_ACCESS: Final = "access private hubspot:/library/cat.png"
_LINK: Final = "link hubspot:/library/cat.png"
_SYNONYMS: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(("dir", "list", "ll"), (_LS,)),
    **dict.fromkeys(("tree",), ("ls -R hubspot:/library",)),
    **dict.fromkeys(("search", "grep", "query", "locate"), (_FIND,)),
    **dict.fromkeys(("du", "usage"), ("find --sort size --max 20", "audit")),
    **dict.fromkeys(("info", "show"), (_STAT,)),
    **dict.fromkeys(("put", "push", "add"), (_UPLOAD,)),
    **dict.fromkeys(("get", "pull", "fetch", "cat", "save"), (_DOWNLOAD,)),
    **dict.fromkeys(("cp", "copy"), (_UPLOAD, _DOWNLOAD)),
    **dict.fromkeys(("mirror", "rsync", "backup"), (_SYNC,)),
    **dict.fromkeys(("move", "rename"), (_MV,)),
    **dict.fromkeys(("delete", "del", "remove", "unlink", "rmdir", "erase"), (_RM,)),
    **dict.fromkeys(("md", "makedir"), ("mkdir hubspot:/library/cats",)),
    **dict.fromkeys(("chmod", "publish", "unpublish"), (_ACCESS,)),
    **dict.fromkeys(("share", "url", "sign"), (_LINK,)),
    **dict.fromkeys(("help", "commands"), ("--help",)),
    **dict.fromkeys(("version",), ("--version",)),
}
_LOGIN: Final = frozenset({"login", "logout", "auth", "authenticate", "configure", "config", "init", "setup", "token"})


class HelpFormatter(click.HelpFormatter):
    """A help text. On a narrow terminal, the text of a long option stands below it."""

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write options or commands with their texts."""
        rows = list(rows)
        if self.width >= NARROW or max(len(name) for name, _ in rows) < _SHORT:
            super().write_dl(rows, col_max, col_spacing)
            return
        for name, text in rows:
            self.write(f"{'':>{self.current_indent}}{name}\n")
            with self.indentation(), self.indentation():
                self.write_text(text)


class Context(click.Context):
    """A context with that help."""

    formatter_class = HelpFormatter


class Commands(click.Group):
    """The commands, each of which is imported when it is run or completed."""

    context_class = Context

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in the order of the help."""
        return list(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name.

        Raises:
            NoSuchCommand: no command has that name. The message names similar ones.
        """
        if cmd_name in _MODULES:
            module = importlib.import_module(f".{_MODULES[cmd_name]}", _PACKAGE)
            command: click.Command = getattr(module, cmd_name)
            # Commands of click have one context class for all of them.
            command.context_class = Context
            return command
        if ctx.resilient_parsing:
            return None
        if cmd_name in _LOGIN:
            raise click.UsageError(f"No such command {cmd_name!r}: a token is all it needs. {TOKEN_ADVICE}", ctx)
        if cmd_name in _SYNONYMS:
            examples = " or ".join(f"hubspot-files {example}" for example in _SYNONYMS[cmd_name])
            raise click.UsageError(f"No such command {cmd_name!r}. Use: {examples}", ctx)
        raise click.exceptions.NoSuchCommand(cmd_name, possibilities=_MODULES, ctx=ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands by section."""
        for title, section in COMMANDS.items():
            with formatter.section(title):
                formatter.write_dl([(name, text) for name, (_, text) in section.items()])


@click.group(
    cls=Commands,
    context_settings={
        "help_option_names": ["-h", "--help"],
    },
    epilog="\b\nTry one without an account:\n  hubspot-files ls --emulator\n\n"
    "The token is read from HUBSPOT_ACCESS_TOKEN, a file (--token-file) or a keyring (--keyring). "
    "Each command explains itself with --help.",
)
@click.version_option(__version__, message="hubspot-files %(version)s")
def cli() -> None:
    """Upload, share and look after the files of a HubSpot account.

    Paths in HubSpot are written as hubspot:/library/cat.png. Files are private unless you say otherwise.
    """


def run(arguments: list[str]) -> int:
    """Run the command, and return its exit status."""
    try:
        # Commands return their status; --help and --version return 0.
        return int(cli.main(arguments, "hubspot-files", standalone_mode=False, terminal_width=_help_width()) or 0)
    except click.UsageError as error:
        report_usage_error(error)
        return MISUSE
    except click.Abort:
        # The cursor is behind the ^C that the terminal shows.
        click.echo("\ninterrupted", err=True)
        return INTERRUPTED


def _help_width() -> int:
    """Return the width of help texts. By default, click makes them 50 columns wide or more."""
    return max(30, min(shutil.get_terminal_size().columns, 100))
