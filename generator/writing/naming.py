"""Runs openapi-python-client with names that keep their numbers: `fileMd5` becomes `file_md5`, not `file_md_5`.

How names are split is fixed in the generator's code, out of reach of its templates and its configuration. This file is
run in place of the generator's own command, and stops with an AttributeError should a release move what it replaces.
"""

from __future__ import annotations

import re
from typing import Any

from openapi_python_client import strings
from openapi_python_client.cli import app
from openapi_python_client.schema.untrusted_string import UntrustedString

_NUMBER = re.compile(r"(?<=[a-z])_(?=[0-9])")
_SET_APART = re.compile(r"[^A-Za-z0-9][0-9]")

_split = strings.snake_case


def snake_case(value: Any) -> str:
    """The generator's name for a value, with a number left where the value has it: at the end of its word."""
    name = _split(value)
    written = value.get_untrusted_value() if isinstance(value, UntrustedString) else value
    # `page_2` is written apart on purpose.
    return name if _SET_APART.search(written) else _NUMBER.sub("", name)


if __name__ == "__main__":
    strings.snake_case = snake_case
    app()
