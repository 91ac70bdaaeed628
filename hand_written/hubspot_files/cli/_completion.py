"""`hubspot-files completion`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from ._errors import DONE

_PROGRAM = "hubspot-files"
_VARIABLE = "_HUBSPOT_FILES_COMPLETE"


@click.command(
    epilog="\b\nExamples:\n"
    '  bash: eval "$(hubspot-files completion bash)" in ~/.bashrc\n'
    '  zsh:  eval "$(hubspot-files completion zsh)" in ~/.zshrc\n'
    "  fish: hubspot-files completion fish | source"
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> int:
    """Print the completion script of a shell.

    It completes commands, options and local files. Bash needs version 4.4 or later.
    """
    kind = get_completion_class(shell)
    assert kind is not None
    root = click.get_current_context().find_root().command
    complete = kind(root, {}, _PROGRAM, _VARIABLE)
    # Not `source`, which runs bash to learn its version: the script may be for another machine.
    click.echo(complete.source_template % complete.source_vars())
    return DONE
