"""Only Linux forks a process with threads safely, and servers do so only there."""

from __future__ import annotations

import sys

collect_ignore = [] if sys.platform == "linux" else ["test_prefork.py"]
