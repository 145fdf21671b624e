"""Finds those who hold a role in a text, in any of the ways in which staff name them.

A mention becomes one token (``@headteacher``), so that the grammar around it can be looked at. Heads of departments, heads of other
schools, and heads that ache are no mention.
"""

# ruff: noqa: E501 (patterns read best in one line)

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

HEAD: Final = "headteacher"
TITLE: Final = r"(?:mr|mrs|ms|miss|mx|dr|rev|prof|sir|madam)\.?"
OTHERS: Final = (
    r"(?: (?:of|from|at|for|in) (?:(?:a|an|the|my|our|his|her|their|some|other) )*(?:another|different|other|old|last|previous|former|next|neighbouring|secondary|"
    r"son's|daughter's|child's|kids'?|nephew's|niece's|brother's|sister's|husband's|wife's|friend's|year|years|maths|english|science|music|sport|sports|"
    r"pe|early|eyfs|key|ks\d|phase|department|inclusion|curriculum|learning|pastoral|sixth|house|faculty|humanities|languages|art|drama|"
    r"computing|ict|it|hr|finance|marketing|communications|operations|estates|site|kitchen|lower|upper|junior|infant|school in|school down|the queue|the line|the table))"
)
NOT_A_HEAD: Final = re.compile(
    r"\b(?:"
    r"heads? (?:boy|girl|cook|chef|lice|louse|colds?|injur\w+|aches?|phones?|start|count|gear|band|scarf|office|hunter|line|lamp|light|room|space|first (?=into|in )|on (?=collision|crash|into)|down (?=and|in)|over heels|"
    r"and shoulders|of (?:steam|hair|lettuce|department|year)|pupil|student|gardener|groundsman|coach|caterer|chorister|to head|to toe|lock|butt\w*|rest|shot|stand|sets?|torch|wound|bump)"
    r"|(?:over|in|on|off|inside|into|out of) (?:my|his|her|their|your|our|the|a|one's|its) (?:own )?heads?(?= (?:and|but|by|with|that|,|all|for|as|when|at|because|now|from)|\W*$)"
    r"|(?:over|in|off|inside|into|out of|above) (?:my|his|her|their|your|one's|its) (?:own )?heads?"
    r"|(?:shook|shake|shakes|shaking|nodd\w+|scratch\w*|bang\w*|bump\w*|hit|hurt|hurts|cut|turn\w*|keep\w*|kept|lost|lose|losing|bury|use|hang|hold|hung|held|holding|raised|lifted|put|laid|shaved|patted) (?:my|his|her|their|your|its) heads?"
    r"|(?:put|stuck|edited|pasted|photoshopp?ed|superimposed) (?:my|his|her|their|our|a \w+'s|the \w+'s|\w+'s) heads? (?:on|onto|to)"
    r"|(?:my|his|her|their|your) heads? (?:is |was |'s |has been |keeps |feels |just )*(?:pounding|spinning|hurt\w*|aching|aches|sore|splitting|throbbing|banging|killing|all over|in a|in the|in bits|a mess|full|down|up|going round|swimming|on a|on the|onto)"
    r"|(?:hit|struck|bumped|banged|cut|kicked|punched|smacked|slapped|thumped|conked|bleeding|blow|knock|bump|lump|bang|stitches) (?:\w+ )?(?:on|in|to|from|over|around|round) the heads?(?! ?teacher)"
    r"|(?:a|per) head(?=\W|$)(?! (?:teacher|of school))|heads? up|head's up|heads-up|ahead|(?:come|came|brought|bring|brings|coming) to a head|bighead\w*"
    r"|(?:deputy|assistant|vice|associate|asst\.?|dep\.?)[ -]+(?:heads?(?: ?teachers?)?|principals?)(?=\W|$)(?P<keep>)"
    rf"|(?:former|previous|ex|old|last|late|retired)[ -]+(?:executive )?(?:heads?(?: ?teachers?)?|principals?|headm\w+)"
    rf"|(?:heads?(?: ?teachers?)?|principals?|headmasters?|headmistress(?:es)?){OTHERS}"
    r"|(?:son|daughter|child|kid|nephew|niece|brother|sister|husband|wife|friend|partner|grandson|granddaughter|secondary|college|infants?|juniors|other school|boy|girl|cousin)(?:'s|s') (?:head(?: ?teacher)?|principal|headm\w+|ht)"
    r"|(?:another|a different|some other|one of the|most|other|all) (?:heads?(?: ?teachers?)?|principals?|headm\w+)"
    r"|principal (?:reason|aim|concern|problem|issue|point|cause|contractor|teacher of)|in principal|on principal"
    r"|(?:headlines?|headings?|headed|headphones?|headaches?|headsets?|headstones?|headstrong|overhead|arrowheads?)"
    r")(?![a-z])"
)
SCHOOL: Final = r"(?:(?: here)?(?: (?:of|at|in) (?:(?:this|the|our|my|whole|entire|a) )*(?:schools?|academy|place|federation|trust)\b(?! (?:in|down|near|where|across|up|next|i used)))?)"
PATTERNS: Final[tuple[tuple[str, str], ...]] = (
    (
        "deputy_headteacher",
        r"(?:deputy|dep|vice)[ -]+(?:head ?teacher|head|principal|ht)|deputy(?! (?:dsl|safeguarding|designated|chair|manager|lead))|dht",
    ),
    (
        "slt",
        r"(?:assistant|associate|asst)[ -]+(?:head ?teacher|head|principal|ht)|aht|(?:(?:a )?members? of )?(?:the )?(?:slt|smt|senior leadership(?: team)?|senior leaders?)(?! (?:approval|permission|agreement|meeting))",
    ),
    (
        "chair_of_governors",
        r"(?:vice )?chair(?:man|woman|person)?(?: of)?(?: the)? (?:govs|governors|governing (?:body|board)|trustees)|chair of (?:gov|board)|(?:the|our) chair|who (?:chairs|heads) (?:(?:the|our) )?(?:governors|governing (?:body|board)|board of governors|trustees)",
    ),
    (
        "designated_safeguarding_lead",
        r"d?dsl|(?:deputy )?designated safeguarding (?:lead|officer|person)|(?:safeguarding|child protection) (?:lead|officer|person|boss)",
    ),
    ("data_protection_officer", r"dpo|data protection (?:officer|lead|person)|gdpr (?:officer|lead|person)"),
    ("business_manager", r"(?:school )?business manager|sbm|bursar"),
    (
        HEAD,
        rf"(?:exec(?:utive)?|acting|interim|co|associate|teaching|new|current|own)?[ -]*(?:head[ -]?teachers?|heed ?teacher|hed ?teacher|headmistress|headmaster|head ?mistress|head ?master|h/?t|principal){SCHOOL}",
    ),
    (
        HEAD,
        rf"(?:the|our|my|this|that|your|us|we've a|a|both|exec(?:utive)?|acting|interim|co|teaching|new) (?:(?:own|new|current|lovely|wonderful|dear|so called|esteemed|bloody|blessed|exec(?:utive)?|acting|interim|co|teaching)[ -])*heads?{SCHOOL}",
    ),
    (
        HEAD,
        rf"(?:exec(?:utive)?|acting|interim|co)[ -]+heads?{SCHOOL}|heads? of (?:this |the |our |my |whole )*(?:school|academy)(?! (?:council|kitchen|trip|choir))",
    ),
    (
        HEAD,
        r"(?:the|our) (?:big |top )?boss(?: (?:of|at) (?:(?:this|the|our|my|whole|entire) )*(?:school|academy|place|here))?|boss of (?:(?:this|the|our|whole) )*school|the gaffer",
    ),
    (
        HEAD,
        r"(?:the )?(?:person|one|man|woman|lady|teacher|leader) (?:right |here )?(?:at (?:the )?(?:very |absolute )?top(?: of (?:the|this|our) (?:school|tree|place))?|who (?:runs|leads) (?:this |the |our )*(?:school|place|academy)|in charge (?:of|here|round here)(?: (?:this|the|our|whole))* ?(?:school|place|academy)?)",
    ),
    (HEAD, r"whoever (?:runs|leads) (?:this |the |our )*(?:school|academy)"),
    ("line_manager", r"line manager|(?:my|our) (?:manager|boss)"),
)
BARE_HEAD: Final = re.compile(
    r"(?:(?<=^)|(?<=\()|(?<=[.!?,;:(] )|(?<=and )|(?<=that )|(?<=because )|(?<=but )|(?<=is )|(?<=is also )|(?<='s also )|(?<=it's )|(?<=when )|(?<=so )|(?<=by )|(?<=from )|(?<=think )|(?<=with )|(?<=to )|(?<=told )|(?<=about )|(?<=asked ))head(?= |'s |$|\W)"
)
TOO: Final = "__"  # between the roles of one person: "@a__b"
MENTION: Final = re.compile(r"@[a-z_]+")
_ROLE: Final = r"@[a-z_]+(?!'s|[a-z_])"
_ALSO: Final = r"(?:(?:also|now|currently|actually|both|in fact|happens to be|happens to also be) )*"
_WHO: Final = (
    r"(?:who(?:'s| is|(?: also)? (?:acts as|doubles as|happens to be))|(?:and )?(?:he|she)(?:'s| is)(?= also)|and is|also|as well as being)"
)
_LAST: Final = rf"{_ROLE}(?:,? (?:and|&) (?:also )?{_ROLE}(?=\W*$|[,.;!?)]| [–—-]))?(?: (?:too|as well)\b)?"
_CLAUSE: Final = r"(?:(?<=^)|(?<=[.!?,;:(] )|(?<=\band )|(?<=\bbut )|(?<=\bthat )|(?<=\bbecause )|(?<=\bas )|(?<=\bsince )|(?<=\bso ))"
_THEN: Final = r"(?:,? and (?:he|she|they)(?='s |'ve | )|,? and(?= (?:is|has|was|keeps|sends|sent|texts|posted) ))?"
ONE_PERSON: Final = (
    re.compile(rf"@[a-z_]+ ?[,(–—-]* ?{_WHO} {_ALSO}{_LAST}(?: ?\))?(?:,(?= )| [–—-](?= ))?"),
    re.compile(rf"@[a-z_]+ ?(?:\({_LAST}\)|/ ?{_ROLE})"),
    re.compile(rf"{_CLAUSE}@[a-z_]+(?:'s| is) {_ALSO}{_LAST}{_THEN}"),
    re.compile(r"@line_manager and @headteacher(?:,(?= ))?"),
)
# "The DSL is messaging a child. She is also the head."
LATER: Final = re.compile(
    rf"(@[a-z_]+)(?P<told>[^@]{{0,160}}?)(?:[.,;!?]| [–—-]| and| but) ?(?:and |but )?(?:he|she)(?:'s| is) (?=also |[^.,;]*(?:too|as well)\b){_ALSO}{_LAST}"
)
DETERMINER: Final = r"(?:(?:the|our|my|your|a|an|their)\s+)?(?:(?:own|new|current|lovely)\s+)?"


@lru_cache(maxsize=64)
def _finders(names: tuple[tuple[str, str], ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """What finds each role: a person's name first, then the roles' own names."""
    people = [(role, rf"{re.escape(name)}") for name, role in sorted(names, key=lambda pair: -len(pair[0]))]
    return tuple((role, re.compile(rf"(?<![\w@']){DETERMINER}(?:{pattern})(?![\w-])")) for role, pattern in [*people, *PATTERNS])


# Whoever writes "I'm the head" is the writer, who tells of somebody else; not where it is told that another said so, nor of what they did.
ONESELF: Final = re.compile(
    r"""(?<!["'“])(?<!say )(?<!says )(?<!said )(?<!saying )(?<!that )(?<!me )(?<!because )(?<!goes )(?<!like )(?<!, )"""
    r"""\b((?:i am|i'm|im|i work as)(?: (?:also|actually|currently|now|the|a|an|your|our|new|acting|interim|executive|and))* )"""
    r"""@(headteacher|deputy_headteacher|designated_safeguarding_lead|data_protection_officer|chair_of_governors|business_manager)(?!\w| ?'s| and (?:i|i've|i'm|i'd) (?!am\b|'m\b|feel|felt|need|want|get|got|keep get))"""
)


def marked(text: str, aliases: Mapping[str, str]) -> str:
    """The text in lower case with every mention of a role-holder as ``@role``."""
    lower = " ".join(text.lower().replace("’", "'").replace("‘", "'").split())
    lower = NOT_A_HEAD.sub(lambda match: match.group() if match.group("keep") is not None else _hidden(match.group()), lower)
    for role, pattern in _finders(tuple(sorted(aliases.items()))):
        lower = pattern.sub(f"@{role}", lower)
    lower = BARE_HEAD.sub(f"@{HEAD}", lower)
    return _with_names(ONESELF.sub(lambda match: f"{match[1]}_{match[2]}", lower))


def _hidden(phrase: str) -> str:
    """A phrase that is no role-holder, so marked that no finder meets it again."""
    return re.sub(r"(head|principal|ht\b)", lambda match: match.group()[0] + "_" + match.group()[1:], phrase)


def _with_names(text: str) -> str:
    """A name beside a role ("Mrs Lane, our head,", "Dr Amos (head)") stands for the role from then on."""
    role = r"@(\w+)"
    name = rf"{TITLE} [a-z][a-z'-]+"
    text = _one_person(text)
    for before, after in _introductions(text, role, name):
        text = text.replace(before, after)
    return text


def _one_person(text: str) -> str:
    """Two roles of one person ("the head, who is also our DSL") become one mention of both, here and wherever either stands."""
    for form in ONE_PERSON:
        text = form.sub(lambda match: _both(match.group()), text)
    text = LATER.sub(lambda match: _both(match.group()) + match.group("told"), text)
    for mention in sorted({one for one in MENTION.findall(text) if TOO in one}):
        text = _everywhere(text, frozenset(mention[1:].split(TOO)))
    return text


def _everywhere(text: str, roles: frozenset[str]) -> str:
    """Every mention of one of these roles, which are one person's, as a mention of all that this person holds."""
    theirs = [one for one in MENTION.findall(text) if roles & set(one[1:].split(TOO))]
    return MENTION.sub(lambda match: _both(" ".join(theirs)) if match.group() in theirs else match.group(), text)


def _both(text: str) -> str:
    """One mention for every role that is mentioned in a text."""
    return "@" + TOO.join(sorted({role for one in MENTION.findall(text) for role in one[1:].split(TOO)}))


def _introductions(text: str, role: str, name: str) -> Iterator[tuple[str, str]]:
    """What is written -> what stands for it: the introduction itself first, then the name alone."""
    forms = (
        rf"({name}),? ?\(?,? ?(?:who(?: i|'|’)?s |who is |is |she's |he's )?(?:also )?{role}\)?(?:,(?= ))?",
        rf"{role},? \(?({name})\)?(?:,(?= ))?",
    )
    for place, form in enumerate(forms):
        for match in re.finditer(form, text):
            person, held = (match.group(1), match.group(2)) if place == 0 else (match.group(2), match.group(1))
            yield match.group(), f"@{held}"
            yield person, f"@{held}"
