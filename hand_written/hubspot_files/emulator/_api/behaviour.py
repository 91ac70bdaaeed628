"""The behaviour of HubSpot that is undecided, or that a test wants in another way: the options of an emulator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from .._clock import seconds_up_to_a_year

ExistingFolder: TypeAlias = Literal["conflict", "return"]
ParentFolderPath: TypeAlias = Literal["use", "ignore", "refuse"]

REJECT_STATUSES: Final = (400, 409)


@dataclass(frozen=True)
class Behaviour:
    """The options of an emulator that change its responses; `Emulator` describes them.

    Raises:
        TypeError: A lag is not a number.
        ValueError: An option is out of its range.
    """

    strict: bool = False
    promised_only: bool = False
    download_redirects: bool = True
    honour_ranges: bool = True
    search_lag: float = 0.0
    move_lag: float = 0.0
    accepted_imports: bool = False
    reject_status: int = 409
    existing_folder: ExistingFolder = "conflict"
    parent_folder_path: ParentFolderPath = "use"
    import_duplicates: bool = True
    replace_renames: bool = False

    def __post_init__(self) -> None:
        seconds_up_to_a_year(self.search_lag, "search_lag")
        seconds_up_to_a_year(self.move_lag, "move_lag")
        for name, choices in (
            ("reject_status", REJECT_STATUSES),
            ("existing_folder", get_args(ExistingFolder)),
            ("parent_folder_path", get_args(ParentFolderPath)),
        ):
            if getattr(self, name) not in choices:
                raise ValueError(f"{name} is one of {', '.join(map(str, choices))}, not {getattr(self, name)!r}")
