"""What people's answers and judgements could add to the guidance, as TOML to be reviewed and pasted.

Nobody stands in it, and nothing that tells of something that happened: whatever names a person of the school or discloses
anything is left out, and only counted. The format is that of docs/guidance.md.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.feedback import Feedback, Judgement
from bot.incidents.enquiries import Enquiries, Enquiry
from bot.people import People, Person, Role
from commands.numbering import Numbering
from handlers.curate import LABELS
from handlers.wording import WORDS_LEFT_OUT
from knowledge.advice import Adviser
from knowledge.answer import Answer

ID_LETTERS = 10
LONGEST = 600
SHORTEST_NAME, SHORTEST_PART = 3, 3
PLAIN_ROLES = frozenset(Role)
NOT_SAID = "The policy does not say anything about this."


@dataclass(frozen=True)
class Suggestion:
    """One entry that the guidance could gain. `notes` are for whoever reviews it; `answer` is the present answer to the question."""

    id: str
    question: str
    answer: Answer
    next: str
    role: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Gathered:
    """The suggestions, and how many were left out because they name somebody or tell of something."""

    suggestions: tuple[Suggestion, ...]
    left_out: int


class Gathering:
    """Collects the suggestions of one school."""

    def __init__(self, enquiries: Enquiries, feedback: Feedback, people: People, adviser: Adviser) -> None:
        self._enquiries = enquiries
        self._feedback = feedback
        self._people = people
        self._adviser = adviser
        self._names = frozenset(names_of(people))

    def all(self) -> Gathered:
        """Everything that was answered or kept, and was not used yet; the oldest first."""
        used = self._feedback.were_used()
        found, left_out = [], 0
        answered = [self._answered(one) for one in self._enquiries.answered() if suggestion_id("q", one.ref) not in used and one.answer]
        kept = [self._judged(group) for group in by_question(self._feedback.kept()) if suggestion_id("j", group[0].id) not in used]
        for suggestion in (*answered, *kept):
            if suggestion is None:
                left_out += 1
            else:
                found.append(suggestion)
        return Gathered(tuple(found), left_out)

    def _answered(self, one: Enquiry) -> Suggestion | None:
        named = (one.asker_name, one.answered_by, one.to_name)
        if not self._fit(one.question, named) or not self._fit(one.answer, named):
            return None
        roles = [role for person in map(self._people.get, one.to) if person for role in sorted(person.roles & PLAIN_ROLES)]
        notes = (f"Answered by a person on {one.answered_at.day} {one.answered_at:%B %Y}.",) if one.answered_at else ()
        role, answer = next(iter(roles), "headteacher"), self._adviser.ask(one.question)
        return Suggestion(suggestion_id("q", one.ref), one.question, answer, one.answer, role, notes)

    def _judged(self, group: Sequence[Judgement]) -> Suggestion | None:
        first = group[0]
        if not first.question or first.question == WORDS_LEFT_OUT or not self._fit(first.question):
            return None
        same = [one for one in self._feedback.everything() if alike(one.question) == alike(first.question)]
        votes = Counter(LABELS.get(one.choice, one.choice) for one in same)
        notes = ["Judged: " + ", ".join(f"{label} {count}" for label, count in sorted(votes.items())) + "."]
        notes.append(f"Quoted then: {', '.join(first.clauses) or 'nothing'}.")
        notes += [f"Somebody says: {one.comment}" for one in same if one.comment not in ("", WORDS_LEFT_OUT) and self._fit(one.comment)]
        answer = self._adviser.ask(first.question)
        return Suggestion(suggestion_id("j", first.id), first.question, answer, answer.next, answer.role or "headteacher", tuple(notes))

    def _fit(self, text: str, named: Iterable[str] = ()) -> bool:
        """Whether these words name nobody and tell of nothing that happened."""
        words = f" {' '.join(alike(text).split())} "
        names = self._names | {name.casefold() for name in named if name}
        if any(f" {name} " in words for name in names) or self._adviser.about(text):
            return False
        # A story may hide before a question ("…, may I answer?"), so each part is heard by itself as well.
        return all(self._adviser.ask(part).disclosure is None for part in (text, *parts_of(text)))


def names_of(people: Iterable[Person]) -> Iterator[str]:
    """Every name, address and number of the school's people, and each part of a name that is long enough, in lower case."""
    for person in people:
        words = [word for word in alike(person.name).split() if len(word) >= SHORTEST_NAME and word not in {"mrs", "miss", "rev", "prof"}]
        yield from (alike(person.name).strip(), *words)
        addresses = [address for channel, address in person.addresses.items() if channel != "web"]  # the page's are ids: "head"
        yield from (alike(one).strip() for one in (*addresses, person.telephone) if len(one) > SHORTEST_NAME)


def parts_of(text: str) -> list[str]:
    """The parts of a text between its stops and commas, those of a word or two left out."""
    return [part.strip() for part in re.split(r"[.,;:?!\n]+", text) if len(part.split()) >= SHORTEST_PART]


def alike(text: str) -> str:
    """The words alone, in lower case, so that two texts can be compared."""
    return "".join(letter if letter.isalnum() else " " for letter in text.casefold())


def by_question(judgements: Iterable[Judgement]) -> list[list[Judgement]]:
    """Judgements of the same question together, in the order of the first of each."""
    groups: dict[str, list[Judgement]] = {}
    for one in judgements:
        groups.setdefault(alike(one.question), []).append(one)
    return list(groups.values())


def suggestion_id(kind: str, ref: str) -> str:
    """The id under which a suggestion is printed and marked as used: "q-…" for a question, "j-…" for a judgement."""
    return f"{kind}-{ref[:ID_LETTERS].lower()}"


def as_toml(gathered: Gathered, numbering: Numbering) -> str:
    """All of it as TOML, ready to be reviewed and pasted."""
    count = len(gathered.suggestions)
    head = [f"# {count} suggestion{'' if count == 1 else 's'} for the guidance. Review every word, then paste it (docs/guidance.md)."]
    if gathered.left_out:
        head.append(f"# {gathered.left_out} left out: they name somebody, or tell of something that happened.")
    if count:
        head.append("# When you have pasted one: python app.py policy suggestions --used ID")
    return "\n\n".join(["\n".join(head), *(one_as_toml(one, numbering) for one in gathered.suggestions)])


def one_as_toml(one: Suggestion, numbering: Numbering) -> str:
    """One suggestion: an answer where the policy has one, else a topic that it does not settle."""
    covered = one.answer.kind == "guidance" and bool(one.answer.clauses)
    today = [quoted.number for quoted in one.answer.clauses]
    clauses, near = numbering.all_written(today), numbering.all_written(today or one.answer.ranked[:1])
    summary = one.answer.summary if covered else NOT_SAID
    lines = [
        *(f"# {flat(note)}" for note in (*one.notes, *numbering.notes(today, summary, one.next))),
        f"[[{'answer' if covered else 'not_covered'}]]",
        f"id = {quoted_text(one.id)}",
    ]
    if covered:
        lines += [f"clauses = {json.dumps(clauses)}", f"verdict = {quoted_text(one.answer.verdict)}"]
    else:
        lines.append(f"topic = {quoted_text(one.question[:80])}")
    lines += [
        f"summary = {quoted_text(numbering.in_words(summary))}",
        f"next = {quoted_text(numbering.in_words(one.next))}",
        f"role = {quoted_text(one.role)}",
    ]
    if not covered:
        lines.append(f"near = {json.dumps(near)}")
    return "\n".join([*lines, f"questions = [{quoted_text(one.question.replace('|', '/'))}]"])


def flat(text: str) -> str:
    """On one line, not without end, and without what no reader could see."""
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())[:LONGEST]


def quoted_text(text: str) -> str:
    """A TOML string."""
    return json.dumps(flat(text), ensure_ascii=False)
