"""What a message speaks of, told from its words alone where more caution costs little: pictures of any kind, and money."""

# ruff: noqa: E501 (patterns read best in one line)

from __future__ import annotations

import re
from typing import Final

PICTURES: Final = re.compile(
    r"\b(?:photo|pictur|pictuer|pics?\b|images?\b|imag|video|vids?\b|clips?\b|film|footage|selfie|screen ?(?:shot|grab|print)|snaps?\b|nudes?\b|naked|"
    r"topless|undress|unclothed|underwear|porn|explicit|indecent|sext|deep ?fake|live ?stream|web ?cam|cameras?\b|recording|gifs?\b|memes?\b|albums?\b|"
    r"gallery|thumbnail|upskirt|dick ?pic|bare\b|bras?\b|knickers|bikini)"
)
MONEY_GONE: Final = re.compile(
    r"\b(?:bank(?:ing)? (?:details|account|transfer|card)|sort code|invoices?|card (?:number|details)|gift (?:cards?|vouchers?)|bacs|payroll|"
    r"money (?:has |is |was |may |'s )?(?:have )?(?:gone|left|been|sent|taken|missing)|(?:paid|sent|transferred|wired|lost) (?:\w+ ){0,4}(?:money|pounds|£\s?\d|payment)|£ ?\d)"
)


def speaks_of_pictures(words: str) -> bool:
    """Whether some words speak of anything that may be, or hold, a picture."""
    return PICTURES.search(words.lower()) is not None


def speaks_of_money(words: str) -> bool:
    """Whether money may have gone, or may go, by what some words tell."""
    return MONEY_GONE.search(" ".join(words.lower().split())) is not None
