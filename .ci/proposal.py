"""Brings what `python -m generator propose` wrote to GitHub, with git and gh: one pull request, and issues.

The scheduled workflow runs it in a job that runs nothing of what was proposed. `previous FILE` writes the text of the
open pull request into a file; `publish FOLDER --status STATUS` publishes the texts and `proposal.patch` of a folder.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

BRANCH = "upstream"
TITLE = "Follow HubSpot's published descriptions"
BOT = "github-actions[bot]"
EMAIL = f"41898282+{BOT}@users.noreply.github.com"
# What the pipeline writes; a patch of anything else is not applied.
WRITTEN = ("openapi/*", "generated_client/*")
MINE = ("--app", "github-actions", "--limit", "1000")


def run(*command: str) -> str:
    """Run a command and return its output; its error output is the job's."""
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout.strip()


def found(*command: str) -> list[dict[str, Any]]:
    """Run gh and return the objects that it prints."""
    objects: list[dict[str, Any]] = json.loads(run("gh", *command))
    return objects


def open_request() -> dict[str, Any] | None:
    """Return the open pull request of this job. One from a fork may have the same branch, and is not it."""
    fields = "number,body,headRefName,isCrossRepository"
    for request in found("pr", "list", "--head", BRANCH, "--state", "open", *MINE, "--json", fields):
        if request["headRefName"] == BRANCH and not request["isCrossRepository"]:
            return request
    return None


def publish_request(folder: Path) -> None:
    """Push the branch, and open the pull request or replace its text."""
    remote = run("git", "ls-remote", "origin", f"refs/heads/{BRANCH}").partition("\t")[0]
    if remote:
        run("git", "fetch", "--quiet", "--depth", "1", "origin", remote)
        author = run("git", "log", "-1", "--format=%ae", remote)
        if author != EMAIL:
            print(f"::warning::Somebody else has pushed to {BRANCH}: it and its pull request are left as they are.")
            return
    base = run("git", "rev-parse", "--abbrev-ref", "HEAD")
    run("git", "switch", "--quiet", "--force-create", BRANCH)
    patch = folder / "proposal.patch"
    if patch.stat().st_size:
        run("git", "apply", "--index", *(f"--include={pattern}" for pattern in WRITTEN), str(patch))
    # While everything waits there is nothing to change, and a pull request needs a commit.
    identity = ("-c", f"user.name={BOT}", "-c", f"user.email={EMAIL}")
    run("git", *identity, "commit", "--quiet", "--allow-empty", "--message", TITLE)
    run("git", "push", "--quiet", f"--force-with-lease={BRANCH}:{remote}", "origin", f"HEAD:refs/heads/{BRANCH}")
    text = str(folder / "pull-request.md")
    request = open_request()
    if request is None:
        run("gh", "pr", "create", "--draft", "--base", base, "--head", BRANCH, "--title", TITLE, "--body-file", text)
    else:
        run("gh", "pr", "edit", str(request["number"]), "--body-file", text)


def close_request() -> None:
    """Close the pull request if there is nothing to propose any more."""
    request = open_request()
    if request is not None:
        comment = "HubSpot has taken it back, or it is followed: there is nothing to propose any more."
        run("gh", "pr", "close", str(request["number"]), "--comment", comment)


def publish_issue(text: Path) -> None:
    """Open an issue for a version, or replace its text. A closed one stays closed."""
    match = re.fullmatch(r"issue-([a-z0-9-]+)\.md", text.name)
    if match is None:
        raise SystemExit(f"{text.name!r} names no version")
    title = f"HubSpot publishes the version {match[1]}, which is not followed"
    known = [
        issue
        for issue in found("issue", "list", "--state", "all", *MINE, "--json", "number,title,state")
        if issue["title"] == title
    ]
    if not known:
        run("gh", "issue", "create", "--title", title, "--body-file", str(text))
    elif known[0]["state"] == "OPEN":
        run("gh", "issue", "edit", str(known[0]["number"]), "--body-file", str(text))


def publish(folder: Path, status: int) -> int:
    """Publish the texts of a folder, and return 1 if a description was unusable."""
    if (folder / "pull-request.md").exists():
        publish_request(folder)
    elif status == 0:
        close_request()
    for text in sorted(folder.glob("issue-*.md")):
        publish_issue(text)
    if status:
        print("::error::A published description cannot be used; the job that made the proposal says which.")
    return 1 if status else 0


def main(arguments: list[str]) -> int:
    """Run one of the two commands, and return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("previous").add_argument("file", type=Path)
    publishing = commands.add_parser("publish")
    publishing.add_argument("folder", type=Path)
    publishing.add_argument("--status", type=int, choices=(0, 2), required=True)
    options = parser.parse_args(arguments)
    if options.command == "publish":
        return publish(options.folder, options.status)
    request = open_request()
    options.file.write_text(request["body"] if request else "", encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
