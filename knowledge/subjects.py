"""Who a message is about: the holders of a role who did the thing, not those who were told of it or who suffered it.

Shallow grammar over the words around a mention: whether it stands where a doer stands, and what is said that they do. A wrong
subject keeps the Headteacher from an alert, and a missed one tells the wrong person, so both sides have their tests.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from knowledge import subject_words as words
from knowledge.subject_mentions import TOO, marked

TOKEN: Final = re.compile(r"@\w+|'s\b|n't\b|[^\W_]+(?:['_-][^\W\d]+)*|[.,;:!?()]")
BREAK: Final = frozenset(".!?;")
ORDER: Final = (
    "headteacher", "deputy_headteacher", "designated_safeguarding_lead", "data_protection_officer", "chair_of_governors",
    "business_manager", "slt", "line_manager",
)  # fmt: skip
NEAR: Final = 9  # words within which a complement tells what was meant


def subject_roles(text: str, aliases: Mapping[str, str]) -> tuple[str, ...]:
    """The roles of those whom the message is about. ``aliases``: a person's name in lower case -> the role that they hold."""
    found = doers_in(marked(text, aliases))
    return tuple(role for role in ORDER if role in found)


def doers_in(whole: str) -> frozenset[str]:
    """Of the people marked in a text (``@headteacher``), those whom it is about."""
    if "@" not in whole:
        return frozenset()
    found = {match for pattern in words.ABOUT for match in pattern.findall(whole)}
    sentences = _sentences(whole)
    for sentence, after in zip(sentences, [*sentences[1:], []], strict=True):
        places = [at for at, token in enumerate(sentence) if token.startswith("@")]
        found |= {sentence[at][1:] for at in places if _did_it(sentence, at, whole) or _told_of(sentence, at, after)}
    return frozenset(role for one in found for role in one.split(TOO))


def _sentences(whole: str) -> list[list[str]]:
    sentences: list[list[str]] = [[]]
    for token in TOKEN.findall(re.sub(r"(@\w+?)'s\b", r"\1 's", whole)):
        if token in BREAK:
            sentences.append([])
        else:
            sentences[-1].append(token)
    return [sentence for sentence in sentences if sentence]


def _did_it(sentence: Sequence[str], at: int, whole: str) -> bool:
    """Whether the role-holder at this place is the doer."""
    before, after = sentence[:at], sentence[at + 1 :]
    if after[:1] == ["'s"]:
        if not _is_verb_of(after[1:]):
            return _owns(before, after[1:], whole)
        after = ["is_or_has", *after[1:]]
    last = before[-1] if before else ""
    if last in words.SHOWS and after and after[0].endswith("ing"):
        return _deed(after[0], after[1:])
    if last == "by":
        return _by(before[:-1], after)
    if last == "from":
        return _from(before[:-1], after)
    if _is_predicate(before):
        return not _suffered(after)
    return _stands_first(before) and not words.CLAIMED.search(" ".join(before) + " ") and (_acts(after) or _also_did(before, after))


def _also_did(before: Sequence[str], after: Sequence[str]) -> bool:
    """Find a second deed, as in "has been sent nudes and kept them": a second verb of the same doer, where the first is no deed."""
    return not before and words.ALSO_DID.search(" ".join(after[:14])) is not None


def _stands_first(before: Sequence[str]) -> bool:
    """Whether what stands before leaves the place of a doer: the start of a clause, or a word after which a clause begins."""
    if not before:
        return True
    last = before[-1]
    if last in words.AFTER_WHICH_NO_DOER or last == "not":
        return False
    if last in words.SAYING or last in words.JOINING:
        return True
    return not words.DOES_TO.fullmatch(last)


def _acts(after: Sequence[str]) -> bool:
    """Whether what follows says that they did something that matters."""
    rest = _skip(after) or [""]
    verb, following = rest[0], _plain(rest[1:])
    if verb in words.IS:
        return _is(following)
    if verb in words.HAS or verb == "is_or_has":
        return _is_or_has(verb, following)
    if verb in words.GOES_ON:
        if following and not following[0].endswith("ing"):
            return verb in {"kept", "keeps"} and bool(words.HELD.match(" ".join(following[:6])))
        return bool(following) and following[0] not in words.SUFFERS_ING and _deed(following[0], following[1:])
    if verb in words.FAILS:
        return bool(words.FAILING.match(" ".join(following[:4])))
    return (verb in words.FINDS and words.AMUSED.match(" ".join(rest[1:7])) is not None) or _deed(verb, rest[1:])


def _is_or_has(verb: str, following: Sequence[str]) -> bool:
    """Tell "has been rude", "'s messaging" from "has posted", "'s added"; "'s bullied by a parent" is suffered."""
    done = bool(following) and words.PAST.fullmatch(following[0]) is not None
    if following[:1] == ["been"] or (verb == "is_or_has" and not done):
        return _is(_plain(following[following[:1] == ["been"] :]))
    return not (verb == "is_or_has" and "by" in following[1:4]) and _has(following)


def _skip(after: Sequence[str]) -> list[str]:
    """What follows without what stands between a doer and the verb: "who", adverbs, "and her husband", "(Mrs Lane)"."""
    rest = list(after)
    while rest:
        text = " ".join(rest[:14])
        match = words.BETWEEN.match(text)
        if match is None or not match.group().strip():
            return rest
        rest = rest[len(match.group().split()) :]
    return rest


def _plain(rest: Sequence[str]) -> list[str]:
    """Without adverbs and small words in front."""
    at = 0
    while at < len(rest) and (rest[at] in words.SMALL or (rest[at].endswith("ly") and rest[at] not in words.NOUNS_IN_LY)):
        at += 1
    return list(rest[at:])


def _is(rest: Sequence[str]) -> bool:
    """They are doing something, or are something that matters ("is messaging", "has been rude", "is friends with")."""
    rest = rest[rest[:1] == ["been"] :]
    if not rest:
        return False
    first = rest[0]
    if first == "being":
        return len(rest) > 1 and rest[1] in words.BAD
    if first in {"getting", "receiving", "having"}:
        return False
    if first.endswith("ing") or first in words.ING_WITHOUT_G:
        return _deed(first, rest[1:])
    return first in words.BAD or words.BAD_STATE.match(" ".join(rest[:6])) is not None


def _has(rest: Sequence[str]) -> bool:
    """They have done something, or have what nobody should have."""
    rest = rest[2:] if list(rest[:2]) == ["gone", "and"] else rest
    if not rest:
        return False
    if rest[0] in {"had", "got", "received"} and not words.HELD.match(" ".join(rest[1:5])):
        return False
    if words.HELD.match(" ".join(rest[:4])) or (rest[0] == "got" and words.HELD.match(" ".join(rest[1:5]))):
        return True
    return bool(words.PAST.fullmatch(rest[0])) and _deed(rest[0], rest[1:])


def _deed(verb: str, rest: Sequence[str]) -> bool:
    """Whether a verb with what follows it is a deed, not a kindness, a duty or hearsay."""
    near = " ".join(rest[:NEAR])
    if verb in words.TELLS:
        wicked = words.WICKED.search(near) or words.TO_OTHERS.match(near) or words.THREATENS.match(" ".join(rest[:16]))
        return bool(wicked) and not words.HEARSAY.match(near)
    if verb in words.REACHES:
        return not words.IN_DUTY.search(" ".join(rest)) and words.HEARSAY_LATER.search(" ".join(rest)) is None
    if verb in words.BLAMELESS:
        return bool(words.BLAMED_AFTER_ALL.match(f"{verb} {near}"))
    if verb in words.SENDS and words.SENT_ON.match(near):
        return False
    if verb in words.NO_VERB or not words.VERB.fullmatch(verb):
        return False
    return not words.KIND.search(near)


def _by(before: Sequence[str], after: Sequence[str]) -> bool:
    """Tell "was sent by the head" from "was seen by the head": not where they merely saw, asked or helped."""
    last = next((word for word in reversed(before) if not word.endswith("ly") and word not in words.SMALL), "")
    if last in words.BLAMELESS_DONE:
        return bool(words.WICKED.search(" ".join(after[:NEAR])))
    return True


def _from(before: Sequence[str], after: Sequence[str]) -> bool:
    """Tell "abusive texts from the head": not "permission from the head", "keep it from the head"."""
    near = " ".join(before[-7:])
    if words.KEPT_FROM.search(near) or words.IN_DUTY.search(" ".join(after)) or words.HEARSAY_LATER.search(" ".join(after)):
        return False
    return bool(words.COMES_FROM.search(near))


def _is_predicate(before: Sequence[str]) -> bool:
    """Whether they are named as the one: "it's the head", "my abuser is the head", "she's the head"."""
    return bool(words.PREDICATE.search(" ".join(before[-5:]))) and not words.ASKED_WHO.search(" ".join(before[-4:]))


def _suffered(after: Sequence[str]) -> bool:
    """After "it is the head": whether they are the one who suffered, was told, or has to be."""
    text = " ".join(after[:8])
    if words.WANTS_TO_REPORT.match(text):
        return False
    if words.SUFFERER.match(text):
        return True
    rest = _skip(after)
    relative = bool(after) and after[0] in {"who", "that", "who's", "that's"}
    acting = ["is_or_has", *after[1:]] if after[:1] in (["who's"], ["that's"]) else after
    return relative and bool(rest) and not (_acts(acting) or words.DOER_AFTER_ALL.match(" ".join(after[:3])) is not None)


def _is_verb_of(after: Sequence[str]) -> bool:
    """Whether 's after a role-holder is "is" or "has" rather than a possessive."""
    rest = _plain(after)
    if not rest:
        return False
    if rest[0].endswith("ing") and rest[0] not in words.NOUNS_IN_ING:
        return True
    return (
        rest[0] in words.IS_OR_HAS_BEFORE
        or rest[0] in words.BAD
        or (bool(words.PAST.fullmatch(rest[0])) and rest[0] not in words.NOUNS_LIKE_PAST)
    )


def _owns(before: Sequence[str], after: Sequence[str], whole: str) -> bool:
    """Tell what is theirs, and what is with it: "pictures on the head's laptop", "the head's bullying"."""
    text = " ".join(after[:6])
    if words.THEIR_DEEDS.match(text):
        return not (before and before[-1] in words.ON_WHICH_OTHERS_ACT)
    if words.THEIR_PLACES.match(text) and not words.BROKEN_INTO.search(whole):
        return bool(words.SEEN_THERE.search(whole))
    return bool(words.THEIR_PAGES.match(text))


def _told_of(sentence: Sequence[str], at: int, after: Sequence[str]) -> bool:
    """Whether what comes next tells what they did: the next sentence, or this one after "our head, she …"."""
    rest = sentence[at + 1 :]
    return _named_then_told(sentence, at, after) or (rest[:1] == [","] and _named_then_told(sentence[: at + 1], at, rest[1:]))


def _named_then_told(sentence: Sequence[str], at: int, after: Sequence[str]) -> bool:
    """Follow "I need to talk about our head. She …": named where nobody else is, then told of as he or she."""
    if not after or not re.fullmatch(r"(?:he|she|they)(?:'s|'ve|'re)?", after[0]):
        return False
    before = " ".join(sentence[:at])
    if words.OTHER_PEOPLE.search(" ".join([*sentence[:at], *sentence[at + 1 :]])) or words.WAS_TOLD.search(before):
        return False
    rest = ["is_or_has", *after[1:]] if "'" in after[0] else list(after[1:])
    return _acts(rest)
