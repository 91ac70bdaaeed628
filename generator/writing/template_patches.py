"""What we change in the generator's own templates, each with its reason, as exact replacements.

No template is copied: a copy would miss the escapes that later releases add. A replacement whose old text is
not found exactly as often as it says stops the run, so that a new release of the generator is looked at, not
guessed at.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from ..errors import PipelineError
from ..layout import COMMAND

# Written beside the mended templates: what they have to know of the description and the generator forgets.
FACTS = "facts.jinja"


@dataclass(frozen=True)
class Edit:
    """One exact replacement in one template; `count` is how often `old` stands there."""

    template: str
    old: str
    new: str
    count: int = 1


@dataclass(frozen=True)
class Mend:
    """Replacements that belong together and the reason for them."""

    reason: str
    edits: tuple[Edit, ...]


def _kinds(*kinds: str) -> list[str]:
    return [f"property_templates/{kind}_property.py.jinja" for kind in kinds]


_IMPORT_TYPE_OF = '{% from "property_templates/helpers.jinja" import type_of %}\n'
_ABSENT = "if not isinstance({{ source }}, Unset):"
_GIVEN = "if {{ source }} is not None:"
_JSON_TYPE = "property.get_type_string(json=True) | as_unembedded_code"

_BOUNDARY = Mend(
    "The boundary `+++` is the same for every request, so a file that holds it can add form fields of its"
    " own, such as another access. Without the header httpx draws a random one and sends it.",
    (
        Edit(
            "endpoint_module.py.jinja",
            """\
        {%- if body.content_type == "multipart/form-data" %}
        headers["Content-Type"] = "multipart/form-data; boundary=+++"
        {% else %}
""",
            """\
        {%- if body.body_type != "files" %}
""",
        ),
        Edit(
            "endpoint_module.py.jinja",
            """\
    {%- if body.content_type == "multipart/form-data" %}
    headers["Content-Type"] = "multipart/form-data; boundary=+++"
    {% else %}
""",
            """\
    {%- if body.body_type != "files" %}
""",
        ),
    ),
)

_PLAIN_PARTS = Mend(
    "Browsers and curl send form fields without a Content-Type, and HubSpot documents its fields that way,"
    " the JSON of `options` included. A boolean is written as JSON and queries write it, not as Python does.",
    (
        *(
            Edit(template, ', "text/plain")))', ", None)))")
            for template in _kinds("any", "const", "date", "datetime", "enum", "float", "int", "literal_enum", "uuid")
        ),
        Edit(
            "property_templates/boolean_property.py.jinja",
            '(None, str({{source}}).encode(), "text/plain")',
            '(None, b"true" if {{ source }} else b"false", None)',
        ),
        Edit("property_templates/model_property.py.jinja", ', "application/json")))', ", None)))"),
    ),
)

_OPEN_ENUMS = Mend(
    "A value that HubSpot adds later would make a whole answer unreadable. It becomes a member of the same"
    " class that knows that it is new; it is not kept, so that answers cannot fill the memory.",
    (
        Edit(
            "str_enum.py.jinja",
            "from enum import StrEnum\n",
            "from enum import StrEnum\nfrom typing import Any, Self\n",
        ),
        Edit(
            "str_enum.py.jinja",
            """\
    def __str__(self) -> str:
        return str(self.value)
""",
            """\
    @property
    def is_known(self) -> bool:
        \"\"\"Whether the description of the API names this value. Any other string is a member too.\"\"\"
        return self._value_ in type(self)._value2member_map_

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = member._value_ = str(value)
        return member

    def __reduce_ex__(self, protocol: object) -> tuple[Any, ...]:
        return type(self), (self._value_,)

    def __repr__(self) -> str:
        return super().__repr__() if self.is_known else f"{type(self).__name__}({self._value_!r})"

    def __str__(self) -> str:
        return str(self.value)
""",
        ),
    ),
)

_NONE = Mend(
    "One way to say that something is not there. HubSpot answers null and leaves out alike, and None reads"
    " better than a sentinel of the generator's. A default in the description is the server's: it is"
    " documented, not sent.",
    (
        # Types and declarations are put together here from their parts, because the generator's own finished
        # strings name the sentinel and a replacement in them could hit a default value.
        Edit(
            "property_templates/helpers.jinja",
            "{% macro guarded_statement(property, source, statement) %}\n",
            """\
{% macro type_of(property, json=False) %}
{% set alone = property.get_type_string(no_optional=True, json=json) %}
{% if property.get_type_strings_in_union is defined %}
    {% set nullable = PythonCode("None") in property.get_type_strings_in_union(no_optional=True, json=json) %}
{% else %}
    {% set nullable = alone == PythonCode("None") %}
{% endif %}
{{ alone | as_unembedded_code }}{% if not property.required and not nullable %} | None{% endif %}
{% endmacro %}

{% macro declaration(property) %}
{{ property.python_name }}: {{ type_of(property) }}
{%- if not property.required %}
 = None
{%- elif property.default is not none %}
 = {{ property.default.python_code | as_unembedded_code }}
{%- endif %}
{% endmacro %}

{% macro documentation(property) %}
{{ property.python_name }} ({{ type_of(property) | safe_for_docstring }}):
{{- " " }}{{ (property.description or "") | safe_for_docstring }}
{%- if property.default %}
 Default: {{ property.default.python_code | safe_for_docstring }}.
{%- endif %}
{%- if property.example %}
 Example: {{ property.example | safe_for_docstring }}.
{%- endif %}
{% endmacro %}

{% macro guarded_statement(property, source, statement) %}
""",
        ),
        Edit("property_templates/helpers.jinja", _ABSENT, _GIVEN),
        Edit("property_templates/helpers.jinja", "UNSET or None", "None"),
        # Models.
        Edit("model.py.jinja", "from ..types import UNSET, Unset\n\n", ""),
        Edit(
            "model.py.jinja",
            "{% for relative in model.relative_imports | sort %}\n",
            '{% set sentinel = "from ..types import UNSET, Unset" %}\n'
            '{% for relative in model.relative_imports | reject("eq", sentinel) | sort %}\n',
        ),
        Edit(
            "model.py.jinja",
            '{% from "helpers.jinja" import docstring %}\n',
            '{% from "helpers.jinja" import docstring %}\n'
            '{% from "property_templates/helpers.jinja" import declaration, documentation %}\n',
        ),
        Edit("model.py.jinja", "property.to_docstring()", "documentation(property)"),
        Edit("model.py.jinja", "property.to_string() | as_unembedded_code", "declaration(property)", count=2),
        Edit(
            "model.py.jinja",
            "if not isinstance({{source}}, Unset):\n    {{ prop_template.multipart",
            "if {{ source }} is not None:\n    {{ prop_template.multipart",
        ),
        Edit(
            "model.py.jinja",
            "if {{ property.python_name }} is not UNSET:",
            "if {{ property.python_name }} is not None:",
        ),
        Edit("model.py.jinja", "'\", UNSET)' %}", "'\", None)' %}"),
        # Endpoints.
        Edit(
            "endpoint_module.py.jinja",
            "from ...types import Response, UNSET\n",
            "from ...types import Response\n",
        ),
        Edit(
            "endpoint_module.py.jinja",
            "{% for relative in endpoint.relative_imports | sort %}\n",
            '{% set sentinel = "from ...types import UNSET, Unset" %}\n'
            '{% for relative in endpoint.relative_imports | reject("eq", sentinel) | sort %}\n',
        ),
        Edit(
            "endpoint_macros.py.jinja",
            "import guarded_statement %}",
            "import declaration, documentation, guarded_statement, type_of %}",
        ),
        Edit(
            "endpoint_macros.py.jinja",
            "if {{ parameter.python_name }} is not UNSET:",
            "if {{ parameter.python_name }} is not None:",
        ),
        Edit("endpoint_macros.py.jinja", "if v is not UNSET and v is not None}", "if v is not None}"),
        Edit("endpoint_macros.py.jinja", "if not isinstance(body, Unset):", "if body is not None:", count=2),
        Edit(
            "endpoint_macros.py.jinja",
            "if not isinstance({{property.python_name}}, Unset):",
            "if {{ property.python_name }} is not None:",
        ),
        Edit(
            "endpoint_macros.py.jinja",
            "{{ parameter.to_string() | as_unembedded_code }},",
            "{{ declaration(parameter) }},",
            count=4,
        ),
        Edit(
            "endpoint_macros.py.jinja",
            "body: {{ endpoint.bodies[0].prop.get_type_string() | as_unembedded_code }}"
            "{% if not endpoint.bodies[0].prop.required %} = UNSET{% endif %},",
            "body: {{ type_of(endpoint.bodies[0].prop) }}"
            "{% if not endpoint.bodies[0].prop.required %} = None{% endif %},",
        ),
        Edit(
            "endpoint_macros.py.jinja",
            "{% if not body_required %} | Unset = UNSET{% endif %}",
            "{% if not body_required %} | None = None{% endif %}",
        ),
        Edit("endpoint_macros.py.jinja", "parameter.to_docstring()", "documentation(parameter)"),
        # Shared types.
        Edit(
            "types.py.jinja",
            """\
class Unset:
    def __bool__(self) -> Literal[False]:
        return False


UNSET: Unset = Unset()

""",
            "",
        ),
        Edit(
            "types.py.jinja",
            '__all__ = ["UNSET", "File", "FileTypes", "RequestFiles", "Response", "Unset"]',
            '__all__ = ["File", "FileTypes", "RequestFiles", "Response"]',
        ),
        # Each kind of property, to JSON.
        *(
            Edit(template, _ABSENT, _GIVEN)
            for template in _kinds("date", "datetime", "enum", "file", "list", "literal_enum", "model", "uuid")
        ),
        Edit(
            "property_templates/model_property.py.jinja",
            "if not isinstance({{ property.python_name }}, Unset):",
            "if {{ property.python_name }} is not None:",
        ),
        *(Edit(template, " = UNSET\n", " = None\n", count=2) for template in _kinds("date", "datetime", "uuid")),
        *(
            Edit(template, "%} = UNSET{% endif", "%} = None{% endif")
            for template in _kinds("enum", "file", "list", "literal_enum", "model")
        ),
        *(
            Edit(template, _JSON_TYPE, "type_of(property, json=True)")
            for template in _kinds("date", "datetime", "enum", "file", "list", "literal_enum", "model", "union", "uuid")
        ),
        # A macro sees the imports of its own file only.
        *(
            Edit(
                template,
                "{% macro construct_function(property, source) %}\n",
                _IMPORT_TYPE_OF + "{% macro construct_function(property, source) %}\n",
            )
            for template in _kinds("date", "datetime", "enum", "file", "literal_enum", "model", "uuid")
        ),
        *(
            Edit(
                template,
                "{% macro construct(property, source) %}\n",
                _IMPORT_TYPE_OF + "{% macro construct(property, source) %}\n",
            )
            for template in _kinds("const", "list", "union")
        ),
        # Each kind of property, from JSON.
        Edit(
            "property_templates/property_macros.py.jinja",
            "{% macro construct_template(construct_function, property, source) %}\n",
            _IMPORT_TYPE_OF + "{% macro construct_template(construct_function, property, source) %}\n",
        ),
        Edit(
            "property_templates/property_macros.py.jinja",
            "property.get_type_string() | as_unembedded_code",
            "type_of(property)",
        ),
        Edit(
            "property_templates/property_macros.py.jinja",
            "if isinstance(_{{ property.python_name }},  Unset):\n    {{ property.python_name }} = UNSET\n",
            "if _{{ property.python_name }} is None:\n    {{ property.python_name }} = None\n",
        ),
        Edit(
            "property_templates/list_property.py.jinja",
            "{{ property.get_type_string() | as_unembedded_code }} = UNSET\nif _{{ property.python_name }}"
            " is not UNSET:",
            "{{ type_of(property) }} = None\nif _{{ property.python_name }} is not None:",
        ),
        Edit(
            "property_templates/list_property.py.jinja",
            "cast({{ property.get_type_string(no_optional=True) | as_unembedded_code }},",
            "cast({{ type_of(property) }},",
        ),
        Edit(
            "property_templates/const_property.py.jinja",
            "property.get_type_string() | as_unembedded_code",
            "type_of(property)",
        ),
        Edit(
            "property_templates/const_property.py.jinja",
            "and not isinstance({{ property.python_name }}, Unset)",
            " and {{ property.python_name }} is not None",
        ),
        Edit(
            "property_templates/union_property.py.jinja",
            "property.get_type_string() | as_unembedded_code",
            "type_of(property)",
            count=2,
        ),
        Edit(
            "property_templates/union_property.py.jinja",
            """\
    {% if PythonCode("None") in property.get_type_strings_in_union(json=True) %}
    if data is None:
        return data
    {% endif %}
    {% if PythonCode("Unset") in property.get_type_strings_in_union(json=True) %}
    if isinstance(data, Unset):
        return data
    {% endif %}
""",
            """\
    {% if not property.required or PythonCode("None") in property.get_type_strings_in_union(json=True) %}
    if data is None:
        return data
    {% endif %}
""",
        ),
        Edit(
            "property_templates/union_property.py.jinja",
            "if isinstance({{ source }}, Unset):\n    {{ destination }} = UNSET\n",
            "if {{ source }} is None:\n    {{ destination }} = None\n",
        ),
    ),
)

_PATHS = Mend(
    "A path in a path keeps its slashes, every other value is escaped whole; the description's patterns"
    " decide, which the generator drops. An empty value or a dot segment would name another route, so it is"
    " refused: DELETE on folders/.. must not become DELETE on something else.",
    (
        Edit(
            "endpoint_module.py.jinja",
            "from urllib.parse import quote\n",
            "",
        ),
        Edit(
            "endpoint_module.py.jinja",
            "from ...types import Response\n",
            "from ...types import Response, path_value as _path_value\n",
        ),
        Edit(
            "endpoint_module.py.jinja",
            '{% from "endpoint_macros.py.jinja" import header_params,',
            '{% from "' + FACTS + '" import keeps_slashes %}\n{% from "endpoint_macros.py.jinja" import header_params,',
        ),
        Edit(
            "endpoint_module.py.jinja",
            '{{parameter.python_name}}=quote(str({{parameter.python_name}}), safe=""),',
            "{{ parameter.python_name }}=_path_value({{ parameter.python_name }}"
            "{% if parameter.name in keeps_slashes %}, keep_slashes=True{% endif %}),",
        ),
        Edit(
            "types.py.jinja",
            "from attrs import define\n",
            "from urllib.parse import quote\n\nfrom attrs import define\n",
        ),
        Edit(
            "types.py.jinja",
            'T = TypeVar("T")\n',
            '''\
def path_value(value: object, *, keep_slashes: bool = False) -> str:
    """Return a value as it stands in the path of a URL.

    Args:
        value: What the path names.
        keep_slashes: Whether slashes part the value into segments; they are escaped like all else when False.

    Raises:
        ValueError: The value is empty or has a segment of dots, and so would name another path.
    """
    text = str(value)
    segments = text.split("/") if keep_slashes else [text]
    if not text.strip("/") or any(segment in (".", "..") for segment in segments):
        raise ValueError(f"{text!r} cannot stand in a path: it is empty or has a segment that is . or ..")
    return "/".join(quote(segment, safe="") for segment in segments)


T = TypeVar("T")
''',
        ),
        Edit(
            "types.py.jinja",
            '"RequestFiles", "Response"]',
            '"RequestFiles", "Response", "path_value"]',
        ),
    ),
)

_SECRETS = Mend(
    "The representation of a client ends up in logs and tracebacks: it must not show the token, nor headers,"
    " cookies and arguments that may hold one. Nor may the token get into the caller's own headers.",
    (
        Edit(
            "client.py.jinja",
            'type="str", default="", docstring=',
            'type="str", default="field(repr=False)", docstring=',
        ),
        *(
            Edit(
                "client.py.jinja",
                f'(factory=dict, kw_only=True, alias="{name}")',
                f'(factory=dict, kw_only=True, alias="{name}", repr=False)',
            )
            for name in ("cookies", "headers", "httpx_args")
        ),
        Edit(
            "client.py.jinja",
            r"""self._headers[self.auth_header_name] ="""
            r""" f\"{self.prefix} {self.token}\" if self.prefix else self.token""",
            r"""self._headers = {**self._headers, self.auth_header_name:"""
            r""" f\"{self.prefix} {self.token}\" if self.prefix else self.token}""",
        ),
    ),
)

_COPIES = Mend(
    "`with_headers`, `with_cookies` and `with_timeout` promise a new client and changed the one that they"
    " were called on as well.",
    tuple(
        Edit(
            "client.py.jinja",
            f"""\
        if self._client is not None:
            self._client.{change}
        if self._async_client is not None:
            self._async_client.{change}
""",
            "",
        )
        for change in ("headers.update(headers)", "cookies.update(cookies)", "timeout = timeout")
    ),
)

_TIMEOUT = Mend(
    "No timeout means that a server that stops answering holds its caller for ever.",
    (
        Edit(
            "client.py.jinja",
            "_timeout: httpx.Timeout | None = field(default=None,",
            "_timeout: httpx.Timeout | None = field(factory=lambda: httpx.Timeout(60.0),",
        ),
        Edit(
            "client.py.jinja",
            "httpx.TimeoutException if this is exceeded.\n",
            "httpx.TimeoutException if this is exceeded. 60 seconds unless given, None waits for ever.\n",
        ),
    ),
)

_STATUSES = Mend(
    "HubSpot answers statuses such as 477 and 521 that IANA never registered; `HTTPStatus` refuses them"
    " before anyone can look at the response.",
    (
        Edit("types.py.jinja", "from http import HTTPStatus\n", ""),
        Edit("types.py.jinja", "status_code: HTTPStatus\n", "status_code: int\n"),
        Edit("endpoint_module.py.jinja", "from http import HTTPStatus\n", ""),
        Edit("endpoint_module.py.jinja", "HTTPStatus(response.status_code)", "response.status_code"),
    ),
)

_ERROR_BODIES = Mend(
    "Gateways answer errors in HTML or with nothing at all. Such a body must not hide the status behind a"
    " parser's exception: `parsed` is None and `content` has it.",
    (
        Edit(
            "endpoint_macros.py.jinja",
            "{% macro parse_response(parsed_responses, response) %}\n",
            """\
{% macro parse_response(parsed_responses, response) %}
{% set is_error = response.is_default() or response.status_code.range[0] >= 400 %}
{% if parsed_responses and is_error and response.source.attribute == "response.json()" %}
try:
    {{ parse_body(parsed_responses, response) | indent(4) }}
except (AttributeError, KeyError, TypeError, ValueError):
    return None
{% else %}
{{ parse_body(parsed_responses, response) }}
{% endif %}
{% endmacro %}

{% macro parse_body(parsed_responses, response) %}
""",
        ),
        Edit(
            "endpoint_module.py.jinja",
            """\
{% if endpoint.responses.default %}
    {% set return_type = return_string | as_unembedded_code %}
{% else %}
    {% set return_type = (return_string | as_unembedded_code) + " | None" %}
{% endif %}
""",
            """\
{% set return_type = (return_string | as_unembedded_code) + " | None" %}
""",
        ),
    ),
)

_KEYWORDS = Mend(
    "The fields stand in the order of the alphabet, so that re-ordering the description changes nothing; a"
    " new field must not move the others under a caller's positional arguments.",
    (Edit("model.py.jinja", "@_attrs_define\n", "@_attrs_define(kw_only=True)\n"),),
)

_LAZY_IMPORTS = Mend(
    "Importing one model imported them all and the clients, which took longer than all else together. Each is"
    " imported when it is asked for; type checkers see the plain imports and no names beyond them.",
    (
        Edit(
            "package_init.py.jinja",
            "from .client import AuthenticatedClient, Client\n",
            """\
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .client import AuthenticatedClient, Client
else:

    def __getattr__(name):
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from . import client

        value = globals()[name] = getattr(client, name)
        return value

""",
        ),
        Edit(
            "models_init.py.jinja",
            """\
{% for import in imports | sort %}
{{ import }}
{% endfor %}

{% if imports %}
""",
            """\
{% if imports %}
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    {% for import in imports | sort %}
    {{ import }}
    {% endfor %}
else:
    _MODULES = {
        {% for import in imports | sort %}
        "{{ import.split()[3] }}": "{{ import.split()[1] }}",
        {% endfor %}
    }

    def __getattr__(name):
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(_MODULES[name], __name__), name)
        return value

""",
        ),
    ),
)

_HEADER = Mend(
    "Whoever opens the package should see that it is written by a command, and by which.",
    (
        Edit(
            "package_init.py.jinja",
            "{{ docstring(package_description | safe_for_docstring) }}\n",
            f'''\
"""{{{{ package_description | safe_for_docstring }}}}.

Generated from openapi/files-v3.yaml by `{COMMAND}`. Do not edit: change the description or the
generator's mends and run that command again.
"""
''',
        ),
    ),
)

MENDS: tuple[Mend, ...] = (
    _BOUNDARY,
    _PLAIN_PARTS,
    _OPEN_ENUMS,
    _NONE,
    _PATHS,
    _SECRETS,
    _COPIES,
    _TIMEOUT,
    _STATUSES,
    _ERROR_BODIES,
    _KEYWORDS,
    _LAZY_IMPORTS,
    _HEADER,
)


def mended(mends: Sequence[Mend] = MENDS) -> dict[str, str]:
    """Return the templates that `mends` change, by name, as they read afterwards.

    Raises:
        PipelineError: A template is missing or does not hold an old text as often as its edit says.
    """
    originals = files("openapi_python_client") / "templates"
    texts: dict[str, str] = {}
    lines = []
    for mend in mends:
        for edit in mend.edits:
            if edit.template not in texts:
                original = originals.joinpath(*edit.template.split("/"))
                if not original.is_file():
                    lines.append(f"{edit.template}: the generator has no such template")
                    continue
                texts[edit.template] = original.read_text(encoding="utf-8")
            found = texts[edit.template].count(edit.old)
            if found == edit.count:
                texts[edit.template] = texts[edit.template].replace(edit.old, edit.new)
            else:
                lines.append(f"{edit.template}: {found} times instead of {edit.count}: {edit.old!r}")
    if lines:
        raise PipelineError(
            "The generator's templates are not those that generator/writing/template_patches.py was written for."
            " Read what changed there and adapt these edits:",
            lines,
        )
    return texts


def facts(keeps_slashes: Iterable[str]) -> str:
    """Return the template that tells the mended ones which path parameters keep their slashes."""
    return "{% set keeps_slashes = " + json.dumps(sorted(keeps_slashes)) + " %}\n"


def write(folder: Path, templates: dict[str, str]) -> None:
    """Write templates below `folder`."""
    for name, text in templates.items():
        path = folder.joinpath(*name.split("/"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


def digest(mends: Sequence[Mend] = MENDS) -> str:
    """Return the SHA-256, in hexadecimal digits, of what the mends replace, without their reasons."""
    replaced = [[edit.template, edit.old, edit.new, edit.count] for mend in mends for edit in mend.edits]
    return hashlib.sha256(json.dumps(replaced).encode()).hexdigest()
