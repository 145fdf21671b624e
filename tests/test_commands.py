"""The commands, as typed."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.knowledge import BASE, EXAMPLE, ROOT, adviser

KEYS = {"question", "verdict", "clauses", "concern", "routes", "confidence", "answer", "policy"}


@pytest.fixture(scope="module", autouse=True)
def base() -> None:
    adviser()


def run(*words: str, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command with the tests' clause base; `DATA_DIR` can be set to another folder."""
    env = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "."), "DATA_DIR": str(BASE.parent), "NO_COLOR": "1", **environment}
    return subprocess.run(
        [sys.executable, "app.py", *words], cwd=ROOT, env=env, input=given, capture_output=True, text=True, timeout=100, check=False
    )


def test_ask_answers_as_text() -> None:
    done = run("ask", "can I friend an ex-pupil?")
    assert done.returncode == 0
    assert "Clause 28, Personal use of Social Media" in done.stdout
    assert done.stderr == ""


def test_ask_json_has_the_contracts_keys() -> None:
    done = run("ask", "--json", "can I friend an ex-pupil?")
    found = json.loads(done.stdout)
    assert set(found) >= KEYS
    assert found["clauses"][0] == "28"
    assert (found["concern"], found["routes"]) == ("none", [])
    assert found["policy"]["ratified"] == "2020-11-17"
    assert 0 <= found["confidence"] <= 1


def test_many_questions_go_through_one_process_in_order() -> None:
    questions = ["clause 28", "", "the head is messaging a pupil on snapchat", "what is the capital of France?"]
    done = run("ask", "--json", given="\n".join(questions) + "\n")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["question"] for one in found] == questions
    assert found[2]["concern"] == "safeguarding"
    assert found[2]["routes"][0] == "chair_of_governors"
    assert "headteacher" not in found[2]["routes"]
    assert found[3]["verdict"] == "not_covered"


def test_what_is_not_utf_8_stops_no_line_after_it() -> None:
    command = [sys.executable, "app.py", "ask", "--json"]
    env = {"PATH": os.environ["PATH"], "DATA_DIR": str(BASE.parent), "PYTHONUTF8": "1"}
    given = b"can I friend an ex-pupil?\n" + b"can I friend an ex-pupil \xff?\nclause 28\n"
    done = subprocess.run(command, cwd=ROOT, env=env, input=given, capture_output=True, timeout=100, check=False)
    assert [json.loads(line)["clauses"][0] for line in done.stdout.splitlines()] == ["28", "28", "28"]
    assert run("ask", "--json", "clause 28\udcff").returncode == 0


def test_policy_parse_prints_one_object_a_line() -> None:
    done = run("policy", "parse", "knowledge/policies/harwell-social-media/policy.txt", "--json")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) == 71
    assert set(found[0]) == {"number", "section", "text"}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["policy", "parse", "no-such-file.txt"], 1, "no-such-file.txt"),
        (["policy", "parse"], 2, "Missing argument"),
        (["no-such-command"], 2, "No such command"),
        (["ask", "--no-such-option"], 2, "No such option"),
        (["restore", "no-such-backup"], 1, "no-such-backup"),
    ],
)
def test_what_goes_wrong_is_told_in_one_clear_line(words: list[str], code: int, said: str) -> None:
    done = run(*words)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        (tmp_path / "clauses.db").symlink_to(BASE)
        port = str(taken.getsockname()[1])
        run("incidents", "verify", DATA_DIR=str(tmp_path))  # makes the key, which is told
        done = run("serve", PORT=port, DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"Error: PORT: 127.0.0.1:{port} cannot be used")


def test_settings_that_cannot_be_used_are_all_told_and_exit_1() -> None:
    done = run("serve", PORT="eighty", SLACK_BOT_TOKEN="nonsense")
    assert done.returncode == 1
    assert "PORT" in done.stderr
    assert "SLACK_BOT_TOKEN" in done.stderr
    assert "nonsense" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command", ["serve", "ask", "chat", "evaluate", "doctor", "policy import", "policy diff", "incidents verify", "keys rotate", "backup"]
)
def test_every_command_has_help(command: str) -> None:
    done = run(*command.split(), "--help")
    assert done.returncode == 0
    assert "Usage:" in done.stdout


def test_backup_restore_and_verify(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    assert run("incidents", "verify", DATA_DIR=str(first)).returncode == 0
    assert run("people", "export", "teacher", DATA_DIR=str(first)).returncode == 0
    assert run("backup", str(tmp_path / "copy"), DATA_DIR=str(first)).returncode == 0
    second.mkdir()
    (second / "encryption.key").write_bytes((first / "encryption.key").read_bytes())
    (second / "encryption.key").chmod(0o600)
    restored = run("restore", str(tmp_path / "copy"), DATA_DIR=str(second))
    assert restored.returncode == 0, restored.stderr
    assert "All 3 entries are as they were written" in run("incidents", "verify", DATA_DIR=str(second)).stdout


def test_the_doctor_says_what_to_mend() -> None:
    done = run("doctor")
    assert "demo school" in done.stdout
    assert "Copy school.example.toml" in done.stdout


def test_without_the_sentence_model_questions_are_answered_by_words_and_the_doctor_says_so(tmp_path: Path) -> None:
    done = run("doctor", DATA_DIR=str(tmp_path), ENCODER_MODEL=str(tmp_path / "gone.onnx"))
    assert done.returncode == 1
    assert "Questions are understood by words alone: there is no sentence model at" in done.stdout
    assert "correct ENCODER_MODEL" in done.stdout


def test_an_import_makes_a_version_and_the_difference_is_shown(tmp_path: Path) -> None:
    text = (ROOT / "knowledge/policies/harwell-social-media/policy.txt").read_text(encoding="utf-8")
    changed = tmp_path / "policy.txt"
    changed.write_text(text.replace("Staff should decline 'friend requests'", "Staff must decline all 'friend requests'"), encoding="utf-8")
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "clauses.db").write_bytes(BASE.read_bytes())
    done = run("policy", "import", str(changed), DATA_DIR=str(folder))
    assert done.returncode == 0, done.stderr
    assert "{+must+}" in done.stdout
    assert len(run("policy", "list", DATA_DIR=str(folder)).stdout.splitlines()) == 2
    assert "Staff must decline all" in run("ask", "clause 29", DATA_DIR=str(folder)).stdout


def test_a_policy_that_is_not_there_is_told_and_one_taken_in_is_quoted(tmp_path: Path) -> None:
    school = (ROOT / "school.example.toml").read_text(encoding="utf-8")
    (tmp_path / "school.toml").write_text(school.replace('["harwell-social-media"]', '["code-of-conduct"]'), encoding="utf-8")
    (tmp_path / "clauses.db").write_bytes(BASE.read_bytes())
    here = {"DATA_DIR": str(tmp_path), "SCHOOL_FILE": str(tmp_path / "school.toml")}
    refused = run("ask", "clause 3", **here)
    assert refused.returncode == 1
    assert 'there is no policy "code-of-conduct"' in refused.stderr
    assert refused.stdout == ""
    document = tmp_path / "conduct.txt"
    words = ["Staff arrive by 8.30 am.", "Visitors sign in at the office.", "Lanyards are worn at all times on the school site."]
    document.write_text("Introduction\n\n" + "\n\n".join(f"{place}. {text}" for place, text in enumerate(words, 1)), encoding="utf-8")
    taken = run("policy", "import", str(document), **here)
    assert taken.returncode == 0, taken.stderr
    answered = run("ask", "--json", "clause 3", **here)
    found = json.loads(answered.stdout)
    assert found["policy"]["name"] == "code-of-conduct"
    assert "Lanyards are worn at all times" in found["answer"]
    told = json.loads(run("ask", "--json", "the head is messaging a pupil on snapchat", **here).stdout)
    assert (told["concern"], told["routes"][0], told["verdict"]) == ("safeguarding", "chair_of_governors", "not_covered")
    image = json.loads(run("ask", "--json", "a pupil has shown me a naked photo of another pupil", **here).stdout)
    assert image["concern"] == "indecent_images"
    for answer in (told["answer"], image["answer"]):  # no clause of another school's policy is named
        assert not re.search(r"clauses? \d", answer), answer


SMALL = {"teacher": [], "head": ["headteacher", "designated_safeguarding_lead"], "chair": ["chair_of_governors"]}


def small_school() -> str:
    """The demo school with three people, where the Headteacher is the safeguarding lead and nobody the data protection officer."""
    start, _, rest = EXAMPLE.read_text(encoding="utf-8").partition("[[people]]")
    person = '[[people]]\nid = "{0}"\nname = "Sam {0}"\nemail = "{0}@small.example"\nroles = {1}\n'
    people = "".join(person.format(name, json.dumps(roles)) for name, roles in SMALL.items())
    alone = 'steps = [{ after = "0s", alert = ["routed"] }]\nrepeat = "30m"\n'
    ladders = f"[escalation.urgent]\n{alone}[escalation.normal]\n{alone}"
    return start.replace('it_contact = "it"', "") + people + ladders + "[quiet]" + rest.partition("[quiet]")[2]


@pytest.mark.parametrize(
    ("story", "routes"),
    [
        ("our safeguarding lead is messaging a pupil on snapchat at night", ["chair_of_governors"]),  # who is the Headteacher, too
        ("I emailed all the pupils' medical details to the wrong parent", ["headteacher"]),  # there is no data protection officer
        ("a pupil told me that a stranger on roblox asks her for pictures", ["designated_safeguarding_lead", "headteacher"]),
    ],
)
def test_ask_tells_who_would_be_told_in_this_school(tmp_path: Path, story: str, routes: list[str]) -> None:
    (tmp_path / "school.toml").write_text(small_school(), encoding="utf-8")
    done = run("ask", "--json", story, SCHOOL_FILE=str(tmp_path / "school.toml"))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["routes"] == routes
