from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..reading import readable

if TYPE_CHECKING:
    from ..models.file import File
    from ..models.paging import Paging


T = TypeVar("T", bound="FilePage")


@_attrs_define(kw_only=True)
class FilePage:
    """One page of files.

    Attributes:
        results (list[File]): The files of this page.
        paging (Paging | None): The neighbours of a page.
    """

    results: list[File]
    paging: Paging | None = None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    _json_names = {
        "results": "results",
        "paging": "paging",
    }

    def to_dict(self) -> dict[str, Any]:
        results = []
        for results_item_data in self.results:
            results_item = results_item_data.to_dict()
            results.append(results_item)

        paging: dict[str, Any] | None = None
        if self.paging is not None:
            paging = self.paging.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "results": results,
            }
        )
        if paging is not None:
            field_dict["paging"] = paging

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.file import File  # noqa: PLC0415
        from ..models.paging import Paging  # noqa: PLC0415

        d, aside = readable(cls, src_dict)
        results = []
        _results = d.pop("results")
        for results_item_data in _results:
            results_item = File.from_dict(results_item_data)

            results.append(results_item)

        _paging = d.pop("paging", None)
        paging: Paging | None
        if _paging is None:
            paging = None
        else:
            paging = Paging.from_dict(_paging)

        file_page = cls(
            results=results,
            paging=paging,
        )

        file_page.additional_properties = d | aside
        return file_page

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
