"""Indecent images of a child, heard by rules alone: a picture, a child, and something that makes it indecent."""

from __future__ import annotations

import re
from typing import Final

PICTURE: Final = (
    r"(?:photo(?:s|graphs?|graphed|graphing)?|pictures?|pics?|images?|videos?|vids?|clips?|films?|filmed|filming|footage|selfies?|screenshots?|"
    r"screen ?grabs?|snaps?|recording|recorded|thumbnails?|live ?stream(?:ed|ing)?|webcam|deep ?fakes?|stills|gallery|camera roll|print ?outs?|"
    r"jpe?gs?|gifs?|file|files|folder|screen|album|on camera|video call)"
)
CHILD: Final = (
    r"(?:child(?:ren)?|pupils?|students?|kids?|kiddies?|girls?|boys?|lads?|lass(?:es)?|minors?|under ?age|under-age|teens?|teenagers?|toddlers?|"
    r"baby|babies|infants?|youngsters?|little ones?|schoolgirls?|schoolboys?|schoolchild|sixth ?formers?|classmates?|"
    r"(?:year|yr|y) ?(?:[1-9]|1[0-3]|one|two|three|four|five|six|seven|eight|nine|ten|eleven)s?|"
    r"(?:she|he)(?:'s| is| was) (?:only |just |about )?(?:[3-9]|1[0-7]|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen)|"
    r"aged? (?:of )?(?:[3-9]|1[0-7])|(?:[3-9]|1[0-7]) ?(?:years?|yrs?)?[ -]?old|(?:nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen)[ -]year)"
)
BARE: Final = (
    r"(?:nudes?|naked|nudity|topless|undress(?:ed|ing)|unclothed|semi-?nudes?|no clothes|without (?:any |their |her |his )?clothes|nothing on|"
    r"with no top|no top on|not wearing (?:anything|any clothes|a top|much)|weren't wearing anything|clothes off|top off|trousers down|pants down|"
    r"(?:in|just|only) (?:just |only )?(?:her|his|their|a) (?:underwear|knickers|bra|pants|boxers|undies)|underwear (?:selfies?|photos?|pictures?|pics?)|"
    r"private parts|privates|genitals?|penis|vagina|willy|breasts|boobs|bare (?:bottom|bum|chest|breasts)|"
    r"dick ?pics?|intimate|explicit|indecent|obscene|lewd|sexual(?:ly|ised|ized)?|sexuali[sz]es|pornograph\w*|porn|x-rated|having sex|sex tape|"
    r"masturbat\w+|touching (?:him|her)sel(?:f|ves)|getting (?:changed|undressed)|"
    r"in the (?:shower|showers|bath|changing rooms?|toilets?))"
)
UNMISTAKABLE: Final = re.compile(
    r"\b(?:child (?:porn\w*|sex(?:ual)? abuse (?:images?|material|videos?))|csam|child abuse (?:images?|material|videos?|content)|"
    r"kiddie porn|indecent (?:images?|photos?|pictures?|videos?|pics?) of (?:a |the |our |some )?(?:child|children|pupils?|minors?|kids?|girls?|boys?|students?)|"
    r"(?:ask(?:ed|ing|s)?|send|sends|sent|sending|shar\w+|swap\w+|has|have|had|got|of|made|making|make) (?:\w+ ){0,3}nudes|nudif\w+|undress(?:ing)? apps?|"
    r"upskirt\w*|sexts?|sexted|sexting|sextort\w*|cyber ?flash\w*)\b"
)
HARMLESS: Final = re.compile(
    r"\b(?:nude (?:tights|lipstick|shoes|heels|plasters?|colou?r\w*|polish|nails?|bra)|naked (?:mole|flame|eye|chef|truth|bike)\w*|bare (?:walls?|display|boards?|trees?|feet|minimum)|"
    r"life drawing|(?:nude|naked) (?:in art|statues?|sculptures?|paintings?|figures?|model)|(?:statues?|sculptures?|renaissance|michelangelo\w*|painting|gallery trip|museum)|"
    r"explicit (?:instructions?|teaching|phonics|about|links?|reference|consent|permission)|baby (?:photos?|pictures?|pics?) of (?:me|myself)|"
    r"(?:photo|picture|pic)s? of (?:me|myself|my ?self) (?:as a|when i was a) (?:baby|child|kid|toddler)|sex(?:ual)? education|intimate (?:care|setting|venue|gathering|concert)|"
    r"child(?:ren)? with(?:out)? explicit|swimming gala|swimming lesson)\b"
)
TOPIC: Final = re.compile(
    r"\b(?:lessons?|assembl(?:y|ies)|posters?|training|inset|workshops?|leaflets?|resources|scenario|role ?play|case study|quiz|curriculum|pshe|rse|"
    r"polic(?:y|ies)|clauses?|definition|course|webinar|handbook|dissertation|essay|novel|syllabus|a level|gcse|talk on|guidance on|news(?:paper)?|"
    r"the paper|documentary|what (?:is|are|does|counts|would|happens)|what's|what if|if (?:i|we|a|an|someone|somebody|there|staff|ever|any)|ever|hypothetical\w*|suppose|"
    r"supposing|in general|would (?:i|we|be|you)|do (?:i|we|you|staff|teachers) (?:have|need|ever)|does (?:the|it|a)|should (?:i|we|staff|teachers|a)|"
    r"can (?:i|we|staff|teachers|a|you)|could (?:i|we|staff|teachers|you)|may (?:i|we)|am i|are (?:we|staff|teachers)|is (?:it|there|the)|when (?:would|do|should)|who (?:do|would|should|is|deals)|"
    r"how (?:do|does|should|would))\b"
)
HAPPENED: Final = re.compile(
    r"\b(?:i've|ive|we've|he's|she's|they've|has|have (?:just |all )?(?:been|got|found|seen|sent|had|made|taken|used|shared|drawn|done)|had|just|found|saw|seen|sent|showed|shown|was|were|been|"
    r"got|received|told me|says|said|came|there's|there is|there are|theres|going round|circulating|keeps?|took|taken|opened|posted|shared|forwarded|"
    r"screenshotted|confiscated|this morning|today|yesterday|last night|right now|on (?:his|her|their|a|the|my|our|one))\b"
)


def shows_indecent_image(text: str) -> bool:
    """Whether the text tells of an indecent image of a child: the words alone decide, sentence by sentence and all together."""
    lower = " ".join(text.lower().replace("’", "'").split())
    return False if not lower else _tells(lower)


def _tells(text: str) -> bool:
    clean = HARMLESS.sub(" ", text)
    indecent = re.search(rf"\b{BARE}\b", clean) is not None
    pictured = re.search(rf"\b{PICTURE}\b", clean) is not None
    child = re.search(rf"\b{CHILD}\b", clean) is not None
    named = UNMISTAKABLE.search(clean) is not None
    if not (named or (indecent and pictured and child)):
        return False
    return TOPIC.search(clean) is None or _told_plainly(clean)


def _told_plainly(text: str) -> bool:
    """Whether some sentence tells of it as a thing that has happened, beside what is asked or supposed."""
    return any(
        re.search(rf"\b(?:{BARE}|{PICTURE})\b", part) is not None and HAPPENED.search(part) is not None and TOPIC.search(part) is None
        for part in re.split(r"[.!?;,]+\s*|\s+-\s+|\bwhat (?:do|should|can) i do\b", text)
    )
