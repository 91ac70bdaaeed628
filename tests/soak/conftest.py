"""Only Linux forks a process that has threads without harm of its own, and only there servers do."""

from __future__ import annotations

import sys

collect_ignore = [] if sys.platform == "linux" else ["test_prefork.py"]
