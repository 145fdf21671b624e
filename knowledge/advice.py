"""The one door to what the policy says: a question in, an Answer out."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Self

from knowledge.answer import ASK_SOMEBODY, Answer, Choice, PolicyRef, Quoted
from knowledge.build import guidance_of, stored_matcher, train_policy, written_for
from knowledge.clauses import Clause, Policy
from knowledge.concerns import Disclosure, Triage, help_for
from knowledge.editions import Moved, in_edition, moved, numbers_in
from knowledge.encoder import Encoder
from knowledge.follow_up import in_full
from knowledge.guidance import CHOICES, Decision, covered_by, settle, standing_back, under_what_leads
from knowledge.guidance_files import Entry, Guidance
from knowledge.language import Reader
from knowledge.matcher import Floats, Matcher
from knowledge.polarity import asks, is_plain, worded
from knowledge.reader import Base
from knowledge.references import Reference, named
from knowledge.several import MOST, all_of, as_one, asked_in, heard_in_all
from knowledge.stories import heard_in_parts, parts_of
from knowledge.subject_context import avoided_roles, in_context, own_roles
from knowledge.training import vocabulary_of
from knowledge.triage import Listener
from knowledge.triage_store import stored_triage
from knowledge.triage_store import train_policy as train_triage

NOT_SETTLED: Final = "The policy does not say."
NO_SUCH: Final = "This policy has no clause {number}: its clauses go from {first} to {last}."
IN_OWN_WORDS: Final = "Ask in your own words, and I look for the clause."


class Adviser:
    """Answers questions about one policy. Many threads may ask at once."""

    def __init__(
        self,
        policy: Policy,
        guidance: Guidance,
        matcher: Matcher | None,
        encoder: Encoder | None,
        triage: Triage | None = None,
        aliases: Mapping[str, str] | None = None,
        where: Moved | None = None,
    ) -> None:
        """``where`` tells under which numbers the clauses stand, for the triage was taught with those that the guidance was written for."""
        self._where = where or {}
        self._policy = policy
        self._guidance = guidance
        self._matcher = matcher
        self._encoder = encoder
        self._triage = triage
        self._reader = Reader(matcher.vocabulary if matcher else {})
        self._entries = _in_order(guidance, matcher)
        self._covered = covered_by(self._entries)
        self._disclosures = standing_back(self._entries)
        self._aliases = dict(aliases or {})

    @classmethod
    def open(
        cls, base_path: Path, *, name: str | None = None, aliases: Mapping[str, str] | None = None, encoder: Encoder | None = None
    ) -> Self:
        """Open a clause base at the policy ``name``, or its first. ``aliases``: a person's name in lower case -> the role that they hold.

        Works by words alone where there is no encoder. Raises BaseError where there is no base, or no such policy in it.
        """
        with Base.open(base_path) as base:
            name = name or base.names[0]
            policy = base.policy(name)
            guidance = guidance_of(base, name)
            matcher = stored_matcher(base_path, name) or (train_policy(base, name) if guidance.entries else None)
            used = encoder if base.model else None
            # Whoever discloses something is heard under any policy: by what was authored for another, where nothing was for this one.
            hears = name if guidance.concerns else next((one for one in base.names if base.guidance(one, "concern")), name)
            ears = guidance if hears == name else guidance_of(base, hears)
            model = stored_triage(base_path, hears) or (train_triage(base, hears, ears) if ears.concerns else None)
        written = written_for(hears) or policy
        counted = matcher.vocabulary if matcher and written.hash == policy.hash else vocabulary_of(ears.entries, policy.text)
        triage = (
            Listener(ears, model, Reader(counted), encode=used.encode_parts if used else None, aliases=aliases or {}) if model else None
        )
        where = moved(written, policy)
        told = in_edition(ears, where)
        return cls(policy, told if hears == name else replace(guidance, concerns=told.concerns), matcher, used, triage, aliases, where)

    @property
    def policy(self) -> Policy:
        """The policy that is quoted."""
        return self._policy

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Everything authored that can be said about it."""
        return self._guidance.entries

    @property
    def policy_ref(self) -> PolicyRef:
        """The document that is quoted."""
        policy = self._policy
        ratified = policy.ratified.isoformat() if policy.ratified else ""
        return PolicyRef(policy.name, policy.title, policy.hash, ratified, policy.standing(dt.datetime.now(dt.UTC).date()))

    @property
    def cross_validated(self) -> tuple[float, float]:
        """How often the clause, and how often the verdict, was right for an authored line that was left out of learning."""
        return self._matcher.unseen if self._matcher else (0.0, 0.0)

    def ask(self, question: str, *, before: Sequence[str] = ()) -> Answer:
        """Answer a message. ``before``: the earlier questions of this conversation, the newest last."""
        whole = as_one(question, self._ask(question, before))
        asked = asked_in(question) if whole.kind in {"guidance", "clarification"} and whole.disclosure is None else []
        parts = [self._ask(part, (*before, *asked[:at])) for at, part in enumerate(asked[:MOST])]
        alone = [one.number for one in self._policy.clauses if one.emphasis]
        found = all_of(question, whole, parts, alone, self.about(question)) if parts else whole
        return replace(found, rest=(*found.rest, *asked[MOST:]))

    def _ask(self, question: str, before: Sequence[str]) -> Answer:
        reference = named(question, self._policy)
        if reference is not None:
            return self._shown(question, reference)
        full = in_full(question, before, self._reader)
        reading = self._reader.read(full)
        parts = parts_of(reading)
        vector, *vectors = self._encoder.encode_parts(reading.text, parts) if self._encoder else [None] * (len(parts) + 1)
        disclosure = self._heard(question, vector if full == question else None)
        if self._matcher is None:
            return replace(self.nothing(question), disclosure=disclosure)
        shares = self._matcher.probabilities(reading, vector)
        if parts:
            shares = heard_in_parts(self._matcher, self._reader, shares, self._covered, parts, vectors)
        decision = settle(self._entries, shares, disclosure, covered=self._covered, disclosures=self._disclosures, asks=asks(question))
        if not decision.topic_is_clear:
            return replace(self.nothing(question), confidence=round(decision.confidence, 4))
        return self._answer(question, decision, under_what_leads(disclosure, decision))

    def _heard(self, message: str, vector: Floats | None) -> Disclosure | None:
        """What is disclosed, with the help as it stands in the current edition."""
        if self._triage is None or (heard := heard_in_all(self._triage, message, vector, self.about)) is None:
            return None
        told = self.help_for(heard.kind, heard.subject_roles)
        return replace(told, clauses=numbers_in(self._where, heard.clauses) or told.clauses, confidence=heard.confidence, life=heard.life)

    def nothing(self, question: str) -> Answer:
        """The answer that the policy does not say, for a question that none of the offered headings meant."""
        return Answer(
            question=question, kind="not_covered", verdict="not_covered", show_verdict=True, clauses=(), read_with=(),
            summary=NOT_SETTLED, next=ASK_SOMEBODY, role="headteacher", choices=(), disclosure=None, confidence=1.0,
            policy=self.policy_ref, answer_id=uuid.uuid4().hex, fact="",
        )  # fmt: skip

    def about(self, words: str, earlier: Sequence[str] = ()) -> tuple[str, ...]:
        """The roles of those whom some words are about, disclosing or not. ``earlier``: those whom the conversation was about before."""
        return in_context(self._reader.read(words).text, earlier, self._aliases)

    def around(self, words: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """(the roles that the writer says they hold, those whom they would rather not go to)."""
        return own_roles(words, self._aliases), avoided_roles(self._reader.read(words).text, self._aliases)

    def help_for(self, kind: str, about: Sequence[str] = ()) -> Disclosure:
        """The help that comes first for a kind of concern. Raises KeyError where nobody has authored any.

        Where the Headteacher is a subject, what to do is what was authored for that case.
        """
        if not any(table["kind"] == str(kind) for table in self._guidance.concerns):
            raise KeyError(kind)
        return help_for(self._guidance, str(kind), about)

    def together(self, numbers: Sequence[str]) -> tuple[Quoted, ...]:
        """Clauses with those that each is to be read with: what the document emphasises (71) before it, the others after it."""
        found: dict[str, Clause] = {}
        for clause in filter(None, map(self._policy.find, numbers)):
            note = self._guidance.notes.get(clause.number)
            beside = [one for one in map(self._policy.find, note.read_with if note else ()) if one]
            first, after = [one for one in beside if one.emphasis], [one for one in beside if not one.emphasis]
            found |= {one.number: one for one in (*first, clause, *after) if one.number not in found}
        return tuple(map(_quoted, found.values()))

    def _shown(self, question: str, reference: Reference) -> Answer:
        """A clause or a section that was asked for by name, or that there is no such clause."""
        clauses = tuple(_quoted(clause) for clause in reference.clauses)
        absent = NO_SUCH.format(number=reference.absent, first=self._policy.clauses[0].number, last=self._policy.clauses[-1].number)
        if not clauses:
            return replace(self.nothing(question), summary=absent, next=IN_OWN_WORDS)
        section = reference.section
        read_with, beside = self._read_with(clauses)
        summary = section.title if section else " ".join(self._guidance.summary_of(clause.number) for clause in reference.clauses).strip()
        summary = f"{absent} {summary}".strip() if reference.absent else summary
        return Answer(
            question=question, kind="section" if section else "clause", verdict="info", show_verdict=False, clauses=clauses,
            read_with=read_with, beside=beside, summary=summary, next="", role=None, choices=(), disclosure=None, confidence=1.0,
            policy=self.policy_ref, answer_id=uuid.uuid4().hex, fact="", ranked=tuple(clause.number for clause in clauses),
        )  # fmt: skip

    def _answer(self, question: str, decision: Decision, disclosure: Disclosure | None) -> Answer:
        entry = decision.entry
        found = [self._policy.find(number) for number in entry.clauses]
        clauses = tuple(_quoted(clause) for clause in found if clause)
        kind, verdict = "fact" if entry.fact and decision.kind == "guidance" else decision.kind, worded(question, entry.verdict)
        if kind == "guidance" and entry.kind == "disclosure" and disclosure is None and not asks(question):
            kind = "perhaps"
        choices = self._choices(decision) if kind == "clarification" else ()
        read_with, beside = self._read_with(clauses)
        return Answer(
            question=question, kind=kind, verdict=verdict, show_verdict=_verdict_is_clear(question, verdict, decision),
            clauses=clauses, read_with=read_with, beside=beside,
            summary=entry.summary or self._guidance.summary_of(entry.clauses[0] if entry.clauses else ""), next=entry.next,
            role=entry.role, choices=choices, disclosure=disclosure, confidence=round(decision.confidence, 4),
            policy=self.policy_ref, answer_id=uuid.uuid4().hex, fact=entry.fact, ranked=decision.clauses, entry_id=entry.id,
            facts=entry.facts,
        )  # fmt: skip

    def _choices(self, decision: Decision) -> tuple[Choice, ...]:
        """The likeliest few, each under the summary of what it would answer."""
        found: dict[str, Choice] = {}
        for entry in (decision.entry, *decision.rivals):
            label = entry.summary or self._guidance.summary_of(entry.clauses[0] if entry.clauses else "")
            question = next((text for _, text in entry.examples()), "")
            if label and question and entry.clauses:
                found.setdefault(label, Choice(label, question))
        return tuple(found.values())[:CHOICES]

    def _read_with(self, clauses: Sequence[Quoted]) -> tuple[tuple[Quoted, ...], tuple[Quoted, ...]]:
        """(what stands beside the first clause, with what the document itself emphasises, what stands beside the others)."""
        first: dict[str, Clause] = {}
        others: dict[str, Clause] = {}
        for place, one in enumerate(clauses):
            note = self._guidance.notes.get(one.number)
            for clause in filter(None, (self._policy.find(number) for number in (note.read_with if note else ()))):
                (first if place == 0 or clause.emphasis else others)[clause.number] = clause
        return tuple(map(_quoted, first.values())), tuple(map(_quoted, others.values()))


def _in_order(guidance: Guidance, matcher: Matcher | None) -> tuple[Entry, ...]:
    by_id = {entry.id: entry for entry in guidance.entries}
    return tuple(by_id[name] for name in matcher.entries) if matcher else ()


def _quoted(clause: Clause) -> Quoted:
    return Quoted(clause.number, clause.section, clause.text)


def _verdict_is_clear(question: str, verdict: str, decision: Decision) -> bool:
    """Whether a plain yes or no would be true, and read the right way round."""
    return verdict not in {"yes", "no"} or (decision.verdict_is_clear and is_plain(question))
