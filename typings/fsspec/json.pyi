from typing import Any

class FilesystemJSONEncoder:
    def make_serializable(self, obj: Any) -> Any: ...
