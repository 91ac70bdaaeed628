"""Write `docs/assets/demo.svg`, a picture of the output of `hubspot-files demo`: `python docs/demo_picture.py`."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

PICTURE = Path(__file__).parent / "assets/demo.svg"
WIDTH = 102


def output() -> str:
    """Return the output of the command."""
    command = [sys.executable, "-m", "hubspot_files.cli", "demo"]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(command, env=environment, stdout=subprocess.PIPE, encoding="utf-8", check=True).stdout


def draw(text: str) -> str:
    """Return an SVG of the command and its output."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), color_system="truecolor", force_terminal=True)
    console.print(Text.assemble(("$ ", "dim"), ("hubspot-files demo", "bold")))
    for line in [*text.splitlines(), ""]:
        shown = Text(line)
        shown.highlight_regex(r"^\d\. .*", "bold cyan")
        shown.highlight_regex(r"^   (?P<name>\w+ {2,})", "dim")
        shown.highlight_regex("✓", "green")
        console.print(shown)
    svg = console.export_svg(title="hubspot-files demo", theme=MONOKAI, unique_id="demo")
    # The fonts would come from another host; those of the reader are good enough.
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


if __name__ == "__main__":
    PICTURE.write_text(draw(output()), encoding="utf-8")
