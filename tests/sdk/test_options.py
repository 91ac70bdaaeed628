"""Validation of options, ids, paths and times before anything is sent."""

from __future__ import annotations

import copy
import pickle
import re
from datetime import UTC, date, datetime, timedelta, timezone
from enum import IntEnum
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hubspot_files import Access, DuplicateCheck, DuplicateScope, DuplicateStrategy, SignedUrlSize
from hubspot_files import _validation as validation
from hubspot_files._operations import options
from hubspot_files._operations.enums import access_level

ANYTHING = st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.binary(), st.none(), st.lists(st.text()))
ODD_PATHS = st.text(alphabet=st.sampled_from("/.ab %\\\x00\n\x7f\ud800é"), max_size=12)


class TestDuplicateCheck:
    @pytest.mark.parametrize("strategy", ["REJECT", "RETURN_EXISTING", DuplicateStrategy.REJECT])
    @pytest.mark.parametrize("scope", ["ENTIRE_PORTAL", DuplicateScope.EXACT_FOLDER])
    def test_converts_values_to_enum_members(self, strategy: str, scope: str) -> None:
        check = DuplicateCheck(strategy, scope)
        assert type(check.strategy) is DuplicateStrategy
        assert type(check.scope) is DuplicateScope
        assert (check.strategy, check.scope) == (strategy, scope)

    def test_none_has_no_scope(self) -> None:
        check = DuplicateCheck("NONE")
        assert (check.strategy, check.scope) == (DuplicateStrategy.NONE, None)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (("NONE", "EXACT_FOLDER"), "strategy NONE does not look for duplicates: leave the scope out"),
            (("REJECT",), "strategy REJECT needs a scope: DuplicateScope.ENTIRE_PORTAL or .EXACT_FOLDER"),
            (("RETURN_EXISTING", None), "strategy RETURN_EXISTING needs a scope"),
            (("reject", "EXACT_FOLDER"), "strategy 'reject' is not valid; use one of NONE, REJECT, RETURN_EXISTING"),
            (("REJECT", "FOLDER"), "scope 'FOLDER' is not valid; use one of ENTIRE_PORTAL, EXACT_FOLDER"),
        ],
    )
    def test_errors_advise_the_fix(self, arguments: tuple[Any, ...], message: str) -> None:
        with pytest.raises(ValueError, match=rf"^{re.escape(message)}"):
            DuplicateCheck(*arguments)

    def test_an_unknown_strategy_needs_a_scope_too(self) -> None:
        """HubSpot may add strategies: each of them searches in some scope."""
        unknown = DuplicateStrategy("ARCHIVE")
        assert DuplicateCheck(unknown, "EXACT_FOLDER").strategy is unknown
        with pytest.raises(ValueError, match=r"^strategy ARCHIVE needs a scope"):
            DuplicateCheck(unknown)

    def test_refuses_other_types(self) -> None:
        with pytest.raises(TypeError, match=r"strategy must be a DuplicateStrategy or a str, not int"):
            DuplicateCheck(1)  # type: ignore[arg-type]  # the point of the test

    def test_equality_hash_and_repr(self) -> None:
        check = DuplicateCheck("REJECT", "EXACT_FOLDER")
        same = DuplicateCheck(DuplicateStrategy.REJECT, DuplicateScope.EXACT_FOLDER)
        assert check == same
        assert hash(check) == hash(same)
        other = DuplicateCheck("REJECT", "ENTIRE_PORTAL")
        assert check != other
        assert other != check
        assert check != ("REJECT", "EXACT_FOLDER")
        assert repr(check) == "DuplicateCheck('REJECT', 'EXACT_FOLDER')"
        assert repr(DuplicateCheck("NONE")) == "DuplicateCheck('NONE')"

    @pytest.mark.parametrize("clone", [copy.copy, copy.deepcopy, lambda check: pickle.loads(pickle.dumps(check))])
    def test_can_be_copied_and_pickled(self, clone: Any) -> None:
        check = DuplicateCheck("REJECT", "EXACT_FOLDER")
        assert clone(check) == check


class TestUploadOptions:
    def test_are_validated_and_combined(self) -> None:
        check = DuplicateCheck("REJECT", "EXACT_FOLDER")
        made = options.upload_options("PRIVATE", ttl=timedelta(days=30), overwrite=True, duplicates=check)
        assert (made.access, made.ttl, made.overwrite, made.duplicates) == (Access.PRIVATE, "P30D", True, check)
        assert options.upload_options(Access.SENSITIVE).access is Access.SENSITIVE

    @pytest.mark.parametrize("duplicates", ["REJECT", ("REJECT", "EXACT_FOLDER"), True, DuplicateStrategy.REJECT])
    def test_duplicates_are_a_duplicate_check(self, duplicates: Any) -> None:
        with pytest.raises(TypeError, match=r"DuplicateCheck\('REJECT', 'EXACT_FOLDER'\), not "):
            options.upload_options("PRIVATE", duplicates=duplicates)

    def test_overwrite_is_a_bool(self) -> None:
        with pytest.raises(TypeError, match=r"overwrite must be True, False or None, not 'false'"):
            options.upload_options("PRIVATE", overwrite="false")  # type: ignore[arg-type]  # the point of the test


class TestEnumMember:
    @pytest.mark.parametrize("value", [*Access, *(member.value for member in Access)])
    def test_accepts_members_and_their_values(self, value: str) -> None:
        member = validation.enum_member(value, Access, "access")
        assert type(member) is Access
        assert member == value

    def test_accepts_an_unknown_member_from_a_response(self) -> None:
        """HubSpot adds values: a value from a response can be sent back."""
        unknown = Access("HIDDEN_FROM_MARS")
        assert validation.enum_member(unknown, Access, "access") is unknown

    @pytest.mark.parametrize("value", ["", "private", " PRIVATE", "PUBLIC", DuplicateScope.EXACT_FOLDER])
    def test_refuses_a_misspelled_value(self, value: str) -> None:
        with pytest.raises(ValueError, match=r"is not valid; use one of PRIVATE, PUBLIC_INDEXABLE, .*SENSITIVE"):
            access_level(value)

    @pytest.mark.parametrize(("value", "kind"), [(None, "NoneType"), (1, "int"), (b"PRIVATE", "bytes"), (True, "bool")])
    def test_refuses_other_types(self, value: Any, kind: str) -> None:
        with pytest.raises(TypeError, match=rf"^access must be a Access or a str, not {kind}$"):
            validation.enum_member(value, Access, "access")

    def test_names_the_option(self) -> None:
        with pytest.raises(ValueError, match=r"^size 'huge' is not valid; use one of icon, medium, preview, thumb$"):
            validation.enum_member("huge", SignedUrlSize, "size")


class TestPeriod:
    @given(st.integers(1, 365))
    def test_whole_days_up_to_a_year_become_days(self, days: int) -> None:
        assert options.period(timedelta(days=days)) == f"P{days}D"

    @given(st.timedeltas().filter(lambda ttl: ttl % timedelta(days=1) != timedelta(0)))
    def test_hours_are_refused(self, ttl: timedelta) -> None:
        with pytest.raises(ValueError, match=r"^ttl must be whole days, because HubSpot accepts no hours"):
            options.period(ttl)

    @pytest.mark.parametrize(
        "text", ["P1D", "P2W", "P52W", "P3M", "P1Y", "P12M", "P1M2W3D", "P11M36D", "P365D", "P366D", "P0Y1D"]
    )
    def test_valid_periods_are_unchanged(self, text: str) -> None:
        assert options.period(text) == text

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "P",
            "3M",
            "p3m",
            "P3",
            "PT12H",
            "P1DT12H",
            "P1.5D",
            "P-1D",
            "-P1D",
            "P1D\n",
            " P1D",
            "P1D2W",
            "P\u0661D",
            "P1234567D",
        ],
    )
    def test_other_strings_are_refused(self, text: str) -> None:
        with pytest.raises(
            ValueError, match=r"must be an ISO 8601 period of years, months, weeks and days, such as P1D"
        ):
            options.period(text)

    @pytest.mark.parametrize("ttl", [timedelta(0), timedelta(days=-1), "P0D", "P0Y0M0W0D", timedelta.min])
    def test_less_than_a_day_is_refused(self, ttl: timedelta | str) -> None:
        with pytest.raises(ValueError, match=r"is shorter than HubSpot's minimum of one day"):
            options.period(ttl)

    @pytest.mark.parametrize(
        "ttl",
        [
            timedelta(days=367),
            timedelta(days=999_999_999),
            "P2Y",
            "P13M",
            "P1Y4M",
            "P1Y12M",
            "P1Y1D",
            "P12M1W",
            "P11M37D",
            "P11M42D",
            "P53W",
            "P52W4D",
            "P367D",
        ],
    )
    def test_more_than_a_year_is_refused(self, ttl: timedelta | str) -> None:
        with pytest.raises(ValueError, match=r"is longer than HubSpot's maximum of one year"):
            options.period(ttl)

    @pytest.mark.parametrize("ttl", [12, 1.0, b"P1D", None, True, datetime(2026, 1, 1, tzinfo=UTC)])
    def test_other_types_are_refused(self, ttl: Any) -> None:
        with pytest.raises(TypeError, match=r"^ttl must be a timedelta or an ISO 8601 period such as 'P3M', not "):
            options.period(ttl)

    @given(st.text() | st.from_regex(r"P(\d+Y)?(\d+M)?(\d+W)?(\d+D)?"))
    @example("P" + "9" * 5000 + "D")
    def test_any_string_is_valid_or_a_value_error(self, text: str) -> None:
        try:
            period = options.period(text)
        except ValueError:
            return
        assert period == text


class TestTarget:
    @pytest.mark.parametrize(
        ("folder_id", "folder_path", "expected"),
        [
            ("12", None, ("12", None)),
            (12, None, ("12", None)),
            (None, "/library/cats/", (None, "/library/cats")),
            (None, "library", (None, "/library")),
            (None, "/", (None, "/")),
        ],
    )
    def test_is_an_id_or_a_path(self, folder_id: Any, folder_path: Any, expected: tuple[Any, Any]) -> None:
        assert options.target(folder_id, folder_path) == expected

    @pytest.mark.parametrize(
        ("folder_id", "folder_path", "message"),
        [
            ("12", "/a", "folder_id and folder_path exclude each other: pass one"),
            ("", "", "folder_id and folder_path exclude each other: pass one"),
            (None, None, "pass folder_id= or folder_path= ('/' is the root): HubSpot requires one of them"),
            ("..", None, "folder_id '..' must be digits only"),
            (None, "/a/../b", "folder_path '/a/../b' contains the segment '..', which is not a folder name"),
        ],
    )
    def test_errors_name_the_problem(self, folder_id: Any, folder_path: Any, message: str) -> None:
        with pytest.raises(ValueError, match=rf"^{re.escape(message)}"):
            options.target(folder_id, folder_path)


class _Number(IntEnum):
    ONE = 1


class TestNumericId:
    @pytest.mark.parametrize(
        ("value", "text"),
        [("1", "1"), (0, "0"), (122692044085, "122692044085"), (_Number.ONE, "1"), ("0" * 19, "0" * 19)],
    )
    def test_accepts_str_and_int(self, value: str | int, text: str) -> None:
        assert validation.numeric_id(value, "file_id") == text

    @pytest.mark.parametrize(
        "value", ["", "..", ".", "1/2", " 1", "1\n", "-1", -1, "\uff11", "²", "1e3", "a", "9" * 20]
    )
    def test_refuses_other_values(self, value: str | int) -> None:
        with pytest.raises(ValueError, match=r"^file_id .* must be digits only, as in the id of a File or a Folder$"):
            validation.numeric_id(value, "file_id")

    @pytest.mark.parametrize("value", [None, True, 1.0, b"1", ["1"]])
    def test_other_types_are_refused(self, value: Any) -> None:
        with pytest.raises(TypeError, match=r"^file_id must be a str of digits or an int, not "):
            validation.numeric_id(value, "file_id")

    @given(ANYTHING)
    @example(10**5000)
    def test_valid_ids_are_ascii_digits(self, value: Any) -> None:
        try:
            text = validation.numeric_id(value, "id")
        except (ValueError, TypeError):
            return
        assert re.fullmatch("[0-9]{1,19}", text)
        assert text == str(value)


class TestPaths:
    @pytest.mark.parametrize(
        ("value", "path"),
        [
            ("/", "/"),
            ("/a", "/a"),
            ("a", "/a"),
            ("/a/", "/a"),
            ("/a b/ü.png", "/a b/ü.png"),
            ("/...", "/..."),
            ("/.hidden", "/.hidden"),
            ("/%2e%2e", "/%2e%2e"),
        ],
    )
    def test_absolute_path_has_one_leading_and_no_trailing_slash(self, value: str, path: str) -> None:
        assert validation.absolute_path(value, "path") == path

    @pytest.mark.parametrize(
        ("value", "message"),
        [
            ("", "path '' must be a path such as '/library/cats' without control characters"),
            ("/a\nb", r"path '/a\nb' must be a path such as"),
            ("/a\x1f", r"path '/a\x1f' must be a path such as"),
            ("/a\x7f", r"path '/a\x7f' must be a path such as"),
            ("/\x00", r"path '/\x00' must be a path such as"),
            ("//", "path '//' contains an empty segment"),
            ("/a//b", "path '/a//b' contains the segment '', which is not a folder name"),
            ("//a", "path '//a' contains the segment '', which is not a folder name"),
            ("a//", "path 'a//' contains the segment ''"),
            ("..", "path '..' contains the segment '..', which is not a folder name"),
            ("/a/./b", "path '/a/./b' contains the segment '.', which is not a folder name"),
            ("/\ud800", r"path '/\ud800' cannot be sent as UTF-8"),
        ],
    )
    def test_errors_of_absolute_path_name_the_problem(self, value: str, message: str) -> None:
        with pytest.raises(ValueError, match=rf"^{re.escape(message)}"):
            validation.absolute_path(value, "path")

    @pytest.mark.parametrize("value", [None, 1, b"/a", ["a"]])
    def test_absolute_path_must_be_a_str(self, value: Any) -> None:
        with pytest.raises(TypeError, match=r"^path must be a str such as '/library/cats', not "):
            validation.absolute_path(value, "path")

    def test_url_path_has_no_leading_slash(self) -> None:
        assert validation.url_path("/a/b/", "path") == "a/b"

    def test_url_path_is_not_the_root(self) -> None:
        with pytest.raises(ValueError, match=r"^path '/' is the root, which has no record$"):
            validation.url_path("/", "path")

    @given(st.text() | ODD_PATHS)
    def test_refuses_paths_that_change_the_url(self, value: str) -> None:
        for check, before in ((validation.absolute_path, "/"), (validation.url_path, "")):
            try:
                path = check(value, "path")
            except ValueError:
                continue
            assert path == "/" or path.startswith(before)
            if path != "/":
                assert not {"", ".", ".."} & set(path.removeprefix("/").split("/"))
            assert not re.search(r"[\x00-\x1f\x7f]", path)
            assert path.strip("/") == value.removeprefix("/").removesuffix("/")
            assert path.encode().decode() == path


class TestWholeSeconds:
    @pytest.mark.parametrize(("value", "count"), [(1, 1), (3600, 3600), (timedelta(minutes=10), 600), (None, None)])
    def test_accepts_whole_seconds(self, value: Any, count: int | None) -> None:
        assert validation.whole_seconds(value, "expires_in") == count

    @pytest.mark.parametrize("value", [0, -1, timedelta(0), timedelta(seconds=-5), timedelta.min])
    def test_must_be_at_least_one(self, value: Any) -> None:
        with pytest.raises(ValueError, match=rf"^expires_in must be one second or more, not {re.escape(str(value))}$"):
            validation.whole_seconds(value, "expires_in")

    def test_fractions_are_refused(self) -> None:
        with pytest.raises(ValueError, match=r"^expires_in must be whole seconds; 0:00:01.500000 is not$"):
            validation.whole_seconds(timedelta(seconds=1.5), "expires_in")

    @pytest.mark.parametrize("value", [1.0, "60", True, datetime(2026, 1, 1, tzinfo=UTC)])
    def test_other_types_are_refused(self, value: Any) -> None:
        with pytest.raises(TypeError, match=r"^expires_in must be a timedelta or whole seconds as an int, not "):
            validation.whole_seconds(value, "expires_in")


class TestAwareDatetime:
    @pytest.mark.parametrize(
        "value", [None, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=-5)))]
    )
    def test_includes_the_offset(self, value: datetime | None) -> None:
        assert validation.aware_datetime(value, "expires_at") is value

    def test_naive_is_refused(self) -> None:
        naive = datetime(2026, 1, 1)  # noqa: DTZ001 - the point of the test
        with pytest.raises(ValueError, match=r"^expires_at has no time zone; use datetime\(\.\.\., tzinfo=UTC\)"):
            validation.aware_datetime(naive, "expires_at")

    @pytest.mark.parametrize("value", ["2026-01-01T00:00:00Z", 1767225600000, date(2026, 1, 1), timedelta(1)])
    def test_other_types_are_refused(self, value: Any) -> None:
        with pytest.raises(TypeError, match=r"^expires_at must be a datetime with a zone, not "):
            validation.aware_datetime(value, "expires_at")


class TestOptionalBool:
    @pytest.mark.parametrize("value", [True, False, None])
    def test_accepts_bools(self, value: bool | None) -> None:
        assert validation.optional_bool(value, "overwrite") is value

    @pytest.mark.parametrize("value", ["false", 0, 1, "", []])
    def test_truthy_values_are_refused(self, value: Any) -> None:
        with pytest.raises(TypeError, match=rf"^overwrite must be True, False or None, not {re.escape(repr(value))}$"):
            validation.optional_bool(value, "overwrite")


class TestNonNegativeInt:
    @pytest.mark.parametrize("value", [0, 1, 10**9])
    def test_accepts_ints(self, value: int) -> None:
        assert validation.non_negative_int(value, "max_items") == value

    @pytest.mark.parametrize("value", [True, 1.0, "1", None])
    def test_other_types_are_refused(self, value: Any) -> None:
        with pytest.raises(TypeError, match=rf"^max_items must be an int, not {type(value).__name__}$"):
            validation.non_negative_int(value, "max_items")

    def test_negative_is_refused(self) -> None:
        with pytest.raises(ValueError, match=r"^max_items must not be negative, but is -1$"):
            validation.non_negative_int(-1, "max_items")


class TestPropertyNames:
    @pytest.mark.parametrize(
        ("values", "required", "expected"),
        [
            (None, ("id",), None),
            ([], ("id",), ["id"]),
            (["size"], ("id", "access"), ["size", "id", "access"]),
            (("size", "id", "size"), ("id",), ["size", "id"]),
            (iter(["size"]), (), ["size"]),
        ],
    )
    def test_required_names_are_added_once(self, values: Any, required: tuple[str, ...], expected: Any) -> None:
        assert validation.property_names(values, "properties", required) == expected

    def test_a_str_is_refused(self) -> None:
        with pytest.raises(TypeError, match=r"^properties must be a list of names, such as \['size'\], not one str$"):
            validation.property_names("size", "properties")

    @pytest.mark.parametrize("values", [[1], [None], b"size", ["size", b"id"]])
    def test_names_must_be_str(self, values: Any) -> None:
        with pytest.raises(TypeError, match=r"^properties must contain names as str, not "):
            validation.property_names(values, "properties")


class TestCheckTaskId:
    def test_accepts_valid_ids(self) -> None:
        assert (
            validation.check_task_id("57122e26-59f8-4cfc-8c27-a2c1dcbd5d0d") == "57122e26-59f8-4cfc-8c27-a2c1dcbd5d0d"
        )

    @pytest.mark.parametrize("value", ["", ".", "..", "a\n", "ä", "\x00"])
    def test_refuses_ids_that_change_the_url(self, value: str) -> None:
        with pytest.raises(ValueError, match=r"^task_id .* must be the id of a task, as in its `id`$"):
            validation.check_task_id(value)

    @pytest.mark.parametrize("value", [1, None, b"1"])
    def test_must_be_a_str(self, value: Any) -> None:
        with pytest.raises(TypeError, match=r"^task_id must be a str, not "):
            validation.check_task_id(value)
