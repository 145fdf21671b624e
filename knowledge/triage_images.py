"""Indecent images of a child, heard by rules alone: a picture, a child, and something that makes it indecent (clause 71).

Independent of what is learnt, so that either means suffices. Told beats asked: a question about the topic is no disclosure, unless it
speaks of a picture that is there ("can I keep the picture that the boys have of her?").
"""

# ruff: noqa: E501 (patterns read best in one line)

from __future__ import annotations

import re
from typing import Final

from knowledge.language import plain
from knowledge.triage_forms import SUPPOSES, is_question, without_pleas

AGE: Final = r"(?:[3-9]|1[0-7]|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen)"
PICTURE: Final = (
    r"(?:photo(?:s|graph|graphs|graphed|graphing)?|pictures?|pics?|images?|videos?|vids?|videoed|clips?|films?|filmed|filming|footage|selfies?|screenshots?|screenshotted|"
    r"screen ?(?:grabs?|prints?)|snaps?|snapchat|recordings?|recorded|thumbnails?|live ?stream(?:s|ed|ing)?|webcam|(?:hidden )?cameras?|deep ?fakes?|stills|gallery|"
    r"print ?outs?|printed|jpe?gs?|gifs?|files?|folders?|screens?|albums?|video call|air ?drop(?:s|ped|ping)?|ai|app|photo ?shopp?(?:ed)?|cartoons?|links?|popup|pop up|"
    r"on (?:his|her|their|a|the|my|our|somebody's|someone's|\w+'s) (?:\w+ )?(?:phone|laptop|ipad|tablet|computer|pc|mac|mobile|device|screen|camera|usb|drive|stick|whiteboard)|"
    r"website|online|streaming|forward(?:ed|ing)|leak(?:ed)?|uploaded)"
)
CHILD: Final = (
    r"(?:child(?:ren)?(?:'s)?|pupils?(?:'s)?|students?(?:'s)?|kids?(?:'s)?|kiddies?|girls?(?:'s|')?|boys?(?:'s|')?|lads?|lass(?:es)?|minors?|under ?ages?d?|teens?|teenagers?|toddlers?|bab(?:y|ies)|infants?|youngsters?|"
    r"little ones?|schoolgirls?|schoolboys?|schoolchild(?:ren)?|sixth ?formers?|classmates?|my class|in my form|reception|nursery|classmates|daughter(?:'s|s)?|son(?:'s|s)?|"
    rf"(?:year|yr|y) ?(?:[1-9]|1[0-3]|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen)s?|(?:s?he|she's|he's|she is|he is|who's|who is|about|aged?|only|just|both|is|are) (?:of )?(?:only |just |about )?{AGE}(?= |$|,)|"
    rf"{AGE}[ -]?(?:years?|yrs?)?[ -]?olds?)"
)
BARE: Final = (
    r"(?:nudes?|naked|nudity|topless|undress(?:ed|ing)|unclothed|semi-?nudes?|no (?:clothes|pants|knickers)|without (?:any |their |her |his )?(?:clothes|pants)|(?:nothing|barely anything|hardly anything) on|"
    r"with no top|no top on|(?:not|\w+n't) (?:\w+ )?wearing (?:anything|any|a top|much)|(?:clothes|top|bra|shirt|dress) off|(?:trousers|pants|knickers) (?:down|off)|tak\w+ (?:her|his|their) (?:top|clothes|pants) off|"
    r"(?:in|just|only) (?:just |only )?(?:her|his|their|a) (?:underwear|knickers|bra|pants|boxers|undies)|in (?:their |just )?(?:underwear|knickers)|underwear|private parts|privates|genitals?|penis|vagina|willy|breasts|boobs|"
    r"bare (?:bottom|bum|chest|breasts)|bottoms?|bums?|dick ?(?:pics?|pictures?)|intimate|explicit|indecent|obscene|lewd|sexual(?:ly|ised|ized)?|sexuali[sz]\w*|pornograph\w*|porn|x-rated|having sex|sex tapes?|"
    r"masturbat\w+|(?:touching|playing with|exposing) (?:him|her|them)sel(?:f|ves)|getting (?:changed|undressed)|changing|upskirts?|up (?:her|a|the|their|girls?'?s?|a girl's) skirts?|"
    r"doing things (?:that )?(?:\w+ ){0,4}should|(?:being |sexually )abused|you can see everything|zoomed in on|in the (?:shower|showers|bath|changing rooms?|toilets?)|on the (?:toilet|loo|potty)|weeing)"
)
NAMED: Final = re.compile(
    r"\b(?:child (?:porn\w*|sex(?:ual)? abuse (?:images?|material|videos?))|csam|child abuse (?:images?|material|videos?|content)|kiddie porn|'?cp'? (?:on|from|in|off)|(?:arrested|charged|convicted|prosecuted|jailed) (?:\w+ ){0,3}(?:images|photos|pictures)|"
    r"indecent (?:images?|photos?|photographs?|pictures?|videos?|pics?)|sext(?:s|ed|ing)?|sextort\w*|nudif\w+|'nudified'|undress(?:ing)? apps?|up ?skirt(?:s|ed|ing)|upskirt (?:photos?|pics?|pictures?|videos?)|cyber ?flash\w*|dick ?(?:pics?|pictures?))(?!\w)"
)
WEAK: Final = re.compile(
    r"\b(?:inapp?rop\w+|innapp?rop\w+|rude|private|dodgy|disgusting|disturbing|filthy|revealing|compromising|sexy|bad|suggestive|weird) (?:\w+ )?(?:photos?|pictures?|pics?|images?|videos?|selfies?|clips?|snaps?)\b"
)
WEAKLY_OWNED: Final = re.compile(
    rf"(?:photos?|pictures?|pics?|images?|videos?|selfies?|clips?)'? (?:of|showing|from) (?:\w+ ){{0,4}}?{CHILD}|{CHILD} (?:\w+ )?(?:\w+ )?(?:rude|private|inappropriate)|"
    rf"\b(?:of|showing) (?:her|him|them)\b|private (?:photos?|pictures?|pics?) (?:have )?(?:been )?leaked"
)
OWN_ADULT: Final = re.compile(
    r"\b(?:(?:deep ?fake|fake|ai)? ?(?:nudes?|naked|intimate|private|explicit|sexual|topless)(?: (?:photos?|pictures?|pics?|images?|videos?|shots?))? of (?:me|myself|my (?:colleague|friend|wife|husband|partner)|a (?:colleague|teacher|ta|member of staff)|our (?:teachers?|ta|staff))|"
    r"my (?:own )?(?:nudes?|intimate|private) ?(?:photos?|pictures?|pics?|images?)?|(?:photos?|pictures?|pics?|images?|videos?) of (?:me|myself)(?: \w+)? (?:naked|nude|topless|undressed)|sextortion,? it'?s me|porn with my face|my face on (?:\w+ ){0,3}(?:porn|naked)|"
    r"nudes? of (?:one of )?(?:our |a |the )?(?:teachers?|staff|tas?|colleagues?)|(?:my|teacher's|colleague's|ta's|staff's|miss's|sir's) (?:bums?|bottoms?|breasts|boobs))\b"
)
HARMLESS: Final = re.compile(
    r"\b(?:nudes? (?:tights|lipstick|shoes|heels|plasters?|colou?r\w*|shades?|polish|nails?|bra|is the only)|naked (?:mole|flames?|eye|chef|truth|bike|juice|neck)\w*(?: rats?)?|bare (?:walls?|boards?|trees?|feet|minimum|branches)|"
    r"life drawing|(?:nudes?|naked|topless) (?:in art|statues?|sculptures?|paintings?|figures?|models?|portraits?)|\w* ?(?:statues?|sculptures?|renaissance|michelangelo\w*|oil painting|art gallery|gallery trip|museum)|the nude in art|"
    r"explicit (?:instructions?|teaching|phonics|links?|reference|consent|permission|lyrics|about)|baby (?:photos?|pictures?|pics?) of (?:me|myself)|"
    r"sex(?:ual)? (?:education|health)|intimate (?:care|setting|venue|gathering|concert)|changing (?:the|my|our|a|his|her|rooms? (?:for|times|keys?)|times|schools?|mats?|nappies|bags?|password\w*|places|settings?|profile)|bottoms? of (?:the|a|my|our|page|each)|(?:at|on) the bottom|"
    r"body parts|puberty|nappy|(?:lost property|pe kit) [\w ]*pants|private (?:message|school|account|profile|group)s?)\b"
)
TEACHING: Final = re.compile(
    r"\b(?:lessons?|assembl(?:y|ies)|posters?|training|inset|workshops?|leaflets?|flyers?|resources|scenario|role ?play|case study|quiz|curriculum|pshe|rse|policy|policies|clauses?|definition|course|webinar|handbook|dissertation|"
    r"essay|novel|syllabus|a level|gcse|talk on|doing a talk|guidance|in the (?:news|newspaper|papers?)|on the news|documentary|i read (?:that|in|about)|another school|explain|plain words|for parents|legal position|model answer|procedure)\b"
)
TAUGHT: Final = re.compile(
    r"\b(?:lessons?|assembl(?:y|ies)|training|inset|workshops?|course|webinar|modules?|units? \w+|chapter|briefing|refresher|sessions?|documentary|podcast|programme|newsletter|"
    r"assignment|essay|e-?safety|keeping children safe|(?:talk(?:ed|s|ing)?|sp(?:oke|eak|eaks|oken|eaking)) to (?:the |our |my |all )?(?:children|class(?:es)?|kids|pupils|year|yr|y ?\d|parents|staff))\b"
)
TOPIC: Final = re.compile(
    r"\b(?:about|on|covers?|covering|it was about) (?:\w+ and )?(?:sexting|nudes|sextortion|upskirting|indecent images|child (?:sexual )?abuse (?:images|material)|deepfakes?|(?:deepfake )?nudes|(?:sending|sharing) nudes)"
    r"(?: of (?:children|a child|pupils|kids))?(?= and\b| was\b| were\b| with my class| for parents| in the (?:handbook|course|policy)|[,.!?;]|$)"
)
CONCRETE: Final = re.compile(
    r"\b(?:i've|ive|i have(?! to\b)|we've|we have(?! to\b)|i was|i just|i'm (?:holding|looking at)|just been|i found|i saw|has (?:just )?(?:sent|shown|showed|shared|got|told)|have (?:just )?been sent|been sent|showed me|sent me|told me|shown me|is going round|are going round|going around|"
    r"(?:this|that) (?:nudes?|naked|indecent|photo|picture|pic|image|video)|the (?:\w+ ){0,2}(?:nudes?|photo|picture|pic|image|video)s? (?:the|that|he|she|they|of (?:that|the|our|my|him|her)|on (?:his|her|the|my))|on (?:his|her|my) phone)\b"
)
SEEN: Final = re.compile(
    r"\b(?:i've|ive|i have(?! to\b)|we've|we have(?! to\b)|i was (?:sent|shown|given)|i (?:just |have just )?(?:found|saw|got)|just been|(?:is|are) going round)\b"
)
UNSURE: Final = re.compile(r"\b(?:tell|know|sure|clear|wonder\w*|certain|see) (?:if|whether)\b")
HANDLES: Final = re.compile(
    r"\b(?:can|could|should|may|shall|must|do|am i allowed to|is it ok(?:ay)? (?:for me )?to|ok to) (?:i )?(?:just |have to |still |now )?(?:save|keep|copy|screenshot|photograph|take a (?:photo|picture|screenshot)|forward|send|email|print|show|delete|download|store|upload|open) "
    r"(?:a |an |the |this |that |these |those |it |some )"
)


def shows_indecent_image(text: str) -> bool:
    """Whether the text tells of an indecent image of a child: the words alone decide, sentence by sentence."""
    lower = without_pleas(plain(text))
    clean = OWN_ADULT.sub(" ", HARMLESS.sub(" ", lower))
    if not _is_about_one(clean):
        return False
    taught = TAUGHT.search(clean) is not None
    parts = [part for part in re.split(r"(?<=[.!?;])\s+", clean) if _speaks_of_it(part) and _tells(part)]
    return any(not (taught and TOPIC.search(part)) for part in parts)


def _is_about_one(text: str) -> bool:
    """Whether the words for it are there: named outright, or something bare, a picture and a child."""
    if NAMED.search(text):
        return True
    child = re.search(rf"\b{CHILD}(?!\w)", text) is not None
    if WEAK.search(text) and WEAKLY_OWNED.search(text) and child:
        return True
    if not child or re.search(rf"\b{BARE}(?!\w)", text) is None:
        return False
    return (
        re.search(rf"\b{PICTURE}(?!\w)", text) is not None
        or re.search(r"\b(?:nudes?|topless|dick ?(?:pics?|pictures?)|sex tapes?|upskirts?)\b", text) is not None
    )


def _speaks_of_it(part: str) -> bool:
    return (
        any(re.search(rf"\b{words}(?!\w)", part) for words in (BARE, PICTURE))
        or NAMED.search(part) is not None
        or WEAK.search(part) is not None
    )


def _tells(part: str) -> bool:
    """Whether a sentence tells of it as a thing that is there, rather than asks, supposes or teaches."""
    if TEACHING.search(part):
        return False
    if SUPPOSES.search(UNSURE.sub(" ", part)):
        return SEEN.search(part) is not None
    if HANDLES.search(part) and re.search(r"\bi\b", part):
        return True
    return CONCRETE.search(part) is not None or not is_question(part)
