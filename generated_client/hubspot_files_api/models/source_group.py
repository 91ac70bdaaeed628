from enum import StrEnum
from typing import Any, Self


class SourceGroup(StrEnum):
    CONTENT = "CONTENT"
    CONVERSATIONS = "CONVERSATIONS"
    FORMS = "FORMS"
    UI_EXTENSIONS = "UI_EXTENSIONS"
    UNKNOWN = "UNKNOWN"

    @property
    def is_known(self) -> bool:
        """Whether the description of the API names this value. Any other string is a member too."""
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
