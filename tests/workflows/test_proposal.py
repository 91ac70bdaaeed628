"""A proposal becomes one pull request, and an issue for each version, on a repository and a gh of the tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

GH = f"""#!{sys.executable}
import json, os, sys

path = os.environ["FAKE_GITHUB"]
with open(path) as file:
    state = json.load(file)
kind, action, *rest = sys.argv[1:]
options = {{}}
numbers = []
while rest:
    name = rest.pop(0)
    if not name.startswith("--"):
        numbers.append(int(name))
    elif name == "--draft":
        options[name] = True
    else:
        options[name] = rest.pop(0)
things = state[kind]
if "--body-file" in options:
    with open(options["--body-file"]) as file:
        body = file.read()
if action == "list":
    assert options["--app"] == "github-actions"
    states, head = options["--state"], options.get("--head", "")
    print(json.dumps([
        thing for thing in things
        if states in ("all", thing["state"].lower()) and thing.get("headRefName", "").startswith(head)
    ]))
elif action == "create":
    thing = {{"number": len(things) + 1, "title": options["--title"], "state": "OPEN", "body": body}}
    if kind == "pr":
        thing |= {{"isCrossRepository": False, "headRefName": options["--head"], "base": options["--base"],
                  "draft": options["--draft"]}}
    things.append(thing)
else:
    [thing] = [thing for thing in things if [thing["number"]] == numbers]
    if action == "edit":
        thing["body"] = body
    else:
        thing["state"] = "CLOSED"
with open(path, "w") as file:
    json.dump(state, file)
"""


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, encoding="utf-8")
    return done.stdout.strip()


class GitHub:
    """A repository with a remote, a folder with a proposal, and what gh has been told."""

    def __init__(self, folder: Path) -> None:
        self.remote, self.work, self.out = folder / "remote", folder / "work", folder / "out"
        self.state = folder / "state.json"
        self.out.mkdir()
        self.set({"pr": [], "issue": []})
        git(folder, "init", "--quiet", "--bare", "--initial-branch", "main", str(self.remote))
        git(folder, "clone", "--quiet", str(self.remote), str(self.work))
        git(self.work, "switch", "--quiet", "--create", "main")
        for name in ("openapi/files-v3.yaml", "generated_client/a.py", "noxfile.py"):
            (self.work / name).parent.mkdir(exist_ok=True)
            (self.work / name).write_text("old\n")
        self.commit("Begin", "somebody@example.com")
        git(self.work, "push", "--quiet", "origin", "main")

    def commit(self, title: str, email: str) -> None:
        git(self.work, "add", "--all")
        git(self.work, "-c", "user.name=n", "-c", f"user.email={email}", "commit", "--quiet", "--message", title)

    def set(self, state: dict[str, Any]) -> None:
        self.state.write_text(json.dumps(state))

    @property
    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.state.read_text())
        return told

    def propose(self, body: str, **files: str) -> None:
        """Write a proposal whose patch gives files other contents."""
        git(self.work, "switch", "--quiet", "main")
        for name, text in files.items():
            path = self.work / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        git(self.work, "add", "--all")
        (self.out / "proposal.patch").write_text(f"{patch}\n" if (patch := git(self.work, "diff", "--cached")) else "")
        git(self.work, "reset", "--quiet", "--hard")
        (self.out / "pull-request.md").write_text(body)


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitHub:
    gh = tmp_path / "bin" / "gh"
    gh.parent.mkdir()
    gh.write_text(GH)
    gh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{gh.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("FAKE_GITHUB", str(tmp_path / "state.json"))
    github = GitHub(tmp_path)
    monkeypatch.chdir(github.work)
    return github


def publish(github: GitHub, proposal: ModuleType, status: int = 0) -> int:
    git(github.work, "switch", "--quiet", "main")
    result: int = proposal.main(["publish", str(github.out), "--status", str(status)])
    return result


def test_one_draft_is_opened_and_then_edited(github: GitHub, proposal: ModuleType) -> None:
    github.propose("First.", **{"openapi/files-v3.yaml": "new\n", "generated_client/b.py": "new\n"})
    assert publish(github, proposal) == 0
    [request] = github.told["pr"]
    assert request["body"] == "First."
    assert request["draft"]
    assert (request["headRefName"], request["base"]) == ("upstream", "main")
    assert git(github.remote, "show", "upstream:openapi/files-v3.yaml") == "new"
    assert git(github.remote, "show", "upstream:generated_client/b.py") == "new"
    proposal.main(["previous", str(github.out / "previous.md")])
    assert (github.out / "previous.md").read_text() == "First."

    github.propose("Second.", **{"generated_client/a.py": "newer\n"})
    assert publish(github, proposal) == 0
    assert [(request["body"], request["state"]) for request in github.told["pr"]] == [("Second.", "OPEN")]
    assert git(github.remote, "show", "upstream:openapi/files-v3.yaml") == "old"
    assert git(github.remote, "log", "--format=%ae %s", "main..upstream") == f"{proposal.EMAIL} {proposal.TITLE}"

    # While all of it waits, there is nothing to change.
    github.propose("Third.")
    assert publish(github, proposal) == 0
    assert github.told["pr"][0]["body"] == "Third."
    assert git(github.remote, "diff", "main", "upstream") == ""


def test_only_what_the_pipeline_writes_is_applied(github: GitHub, proposal: ModuleType) -> None:
    github.propose(
        "Text.", **{"openapi/files-v3.yaml": "new\n", "noxfile.py": "evil\n", ".github/workflows/a.yml": "x\n"}
    )
    assert publish(github, proposal) == 0
    assert git(github.remote, "diff", "--name-only", "main", "upstream") == "openapi/files-v3.yaml"


def test_work_of_others_on_the_branch_stays(
    github: GitHub, proposal: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    github.propose("First.", **{"openapi/files-v3.yaml": "new\n"})
    publish(github, proposal)
    git(github.work, "switch", "--quiet", "upstream")
    (github.work / "openapi/files-v3.yaml").write_text("by hand\n")
    github.commit("Choose a name", "somebody@example.com")
    git(github.work, "push", "--quiet", "origin", "upstream")
    github.propose("Second.", **{"openapi/files-v3.yaml": "newer\n"})
    assert publish(github, proposal) == 0
    assert "::warning::Somebody else has pushed to upstream" in capsys.readouterr().out
    assert github.told["pr"][0]["body"] == "First."
    assert git(github.remote, "show", "upstream:openapi/files-v3.yaml") == "by hand"


def test_a_pull_request_of_a_fork_is_not_taken_for_it(github: GitHub, proposal: ModuleType) -> None:
    fork = {"number": 1, "body": "Forged.", "state": "OPEN", "isCrossRepository": True, "headRefName": "upstream"}
    other = {**fork, "number": 2, "isCrossRepository": False, "headRefName": "upstream-2"}
    github.set({"pr": [fork, other], "issue": []})
    proposal.main(["previous", str(github.out / "previous.md")])
    assert (github.out / "previous.md").read_text() == ""
    github.propose("Ours.", **{"openapi/files-v3.yaml": "new\n"})
    publish(github, proposal)
    assert [request["body"] for request in github.told["pr"]] == ["Forged.", "Forged.", "Ours."]


def test_a_change_that_is_taken_back_closes_it(github: GitHub, proposal: ModuleType) -> None:
    github.propose("First.", **{"openapi/files-v3.yaml": "new\n"})
    publish(github, proposal)
    (github.out / "pull-request.md").unlink()
    # Nothing is concluded from a description that cannot be used.
    assert publish(github, proposal, status=2) == 1
    assert github.told["pr"][0]["state"] == "OPEN"
    assert publish(github, proposal) == 0
    assert github.told["pr"][0]["state"] == "CLOSED"
    assert publish(github, proposal) == 0


def test_a_version_has_one_issue_which_stays_closed(github: GitHub, proposal: ModuleType) -> None:
    text = github.out / "issue-2027-03.md"
    text.write_text("First.")
    (github.out / "issue-2026-09.md").write_text("Other.")
    publish(github, proposal)
    text.write_text("Second.")
    publish(github, proposal)
    issues = github.told["issue"]
    assert [(issue["title"], issue["body"]) for issue in issues] == [
        ("HubSpot publishes the version 2026-09, which is not followed", "Other."),
        ("HubSpot publishes the version 2027-03, which is not followed", "Second."),
    ]
    issues[1]["state"] = "CLOSED"
    github.set({"pr": [], "issue": issues})
    text.write_text("Third.")
    publish(github, proposal)
    assert github.told["issue"] == issues
    (github.out / "issue-$(id).md").write_text("")
    with pytest.raises(SystemExit, match="names no version"):
        publish(github, proposal)
