"""The file system of fsspec: `hubspot://library/x.csv` in pandas, Dask, DuckDB and other tools, and HubSpotFileSystem.

import fsspec

hubspot = fsspec.filesystem("hubspot")  # HUBSPOT_ACCESS_TOKEN
hubspot.put("report.csv", "/library/reports/report.csv")
"""

from __future__ import annotations

try:
    from ._file_system import HubSpotFileSystem
except ModuleNotFoundError as _error:
    raise ImportError('hubspot_files.fsspec needs fsspec: pip install "hubspot-files[fsspec]"') from _error

__all__ = ["HubSpotFileSystem"]
