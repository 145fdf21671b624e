"""What is unmistakable, by rules: they name the graver kind where the learnt model hears something, and hear by themselves what is told.

Each rule is a pattern over the text in lower case. Precision comes first: what is merely likely is left to the model.
"""

# ruff: noqa: E501 (patterns read best in one line)

from __future__ import annotations

import re
from typing import Final

from knowledge.guidance_files import CONCERNS
from knowledge.language import plain
from knowledge.triage_forms import NOTHING, SUPPOSES, is_question, without_pleas

CHILD: Final = (
    r"(?:child(?:ren)?|pupils?|students?|kids?|girls?|boys?|lads?|minors?|teenagers?|sixth ?formers?|year (?:\d+|one|two|three|four|five|six)s?(?: (?:girls?|boys?|pupils?|lads?|child))?|"
    r"one of (?:mine|ours|my (?:class|form))|(?:my|our|the|his|her) (?:class|form|tutees?)|little ones?)"
)
OF_CHILDREN: Final = rf"(?:(?:a|an|the|our|my|some|his|her|one of (?:the|our|my|his|her)|two of (?:the|our|my)|of|with|to|former|several|lots of|half|all|older|younger|year \d+) )*{CHILD}"
GROWN_UP: Final = (
    r"(?:colleague|teachers?|ta|tas|teaching assistants?|tutor|coach|trainee|trainer|member of staff|staff member|staff|caretaker|volunteer|governors?|cook|cleaner|technician|deputy|head|headteacher|"
    r"principal|dsl|supervisor|assistant|librarian|lady|worker|driver|instructor|man|woman|adult|grown ?-?up|stranger|bloke|guy|men|ex colleague|boss|ht|leader|ect|supply|manager)"
)
WRITES: Final = (
    r"(?:(?:privately |secretly |always |been |been privately |quietly |now |just |still )?(?:messag(?:es|ed|ing)|text(?:s|ed|ing)|dm(?:s|ed|ing|'d)|snapchat(?:s|ted|ting)|snaps|snapping|whatsapp(?:s|ed|ing)|chat(?:s|ted|ting)|ring(?:s|ing)|phon(?:es|ing)|facetim(?:es|ing)|"
    r"flirt(?:s|ed|ing)|groom(?:s|ed|ing)|sext(?:s|ed|ing)|sends? (?:\w+ ){0,3}(?:messages|texts|dms|snaps|kisses|hearts|presents|gifts)|sent (?:\w+ ){0,3}(?:messages|texts|dms|snaps|kisses|hearts|presents|gifts)|sending (?:\w+ ){0,3}(?:messages|texts|dms|snaps|kisses|hearts|presents|gifts)))"
)
SOMEBODY: Final = (
    r"(?:me|you|him|her|us|them|my \w+|our (?:\w+ ){0,2}\w+|one of (?:us|our \w+)|the (?:\w+ )?(?:head|headteacher|deputy|teacher|ta|caretaker|secretary|school|staff|cook|supply teacher|office|place)|"
    r"a (?:\w+ )?(?:teacher|ta|colleague|member of staff|dinner lady|governor)|staff|teachers?|somebody|someone)"
)
HARM: Final = r"(?:kill|murder|stab|shoot|batter|beat(?: up)?|smash|punch|slap|rape|hurt|harm|burn|strangle|torch|run over|knock out|attack|jump|do|finish|bury|cut|hit|kick|break|find|get|come for|come after|put a (?:brick|bullet|knife))"
INTENDS: Final = r"(?:going to|gonna|gunna|will|'ll|would|'d|wants? to|like to|wanted to|threatening to|threatened to|threatens to|planning to|plan to|come and|coming to|offered to|promised to|ought to|should|could)"
DEVICE: Final = r"(?:laptops?|ipads?|tablets?|memory ?sticks?|usbs?|usb sticks?|pen drives?|flash drives?|hard drives?|chromebooks?|registers?|markbook|planner|class lists?|contact lists?|medical (?:forms?|lists?)|sen (?:files?|reports?|folder)|reports?|records|files?|folders?|data|(?:work|school|trip) (?:phone|mobile|ipad|bag))"
PRIVATE: Final = (
    r"(?:sims|cpoms|arbor|bromcom|markbook|behaviour logs?|medical (?:details|records|forms?|lists?|information|notes)|records|report cards?|child protection|safeguarding (?:notes|files?|records)|home addresses|dates? of birth|phone numbers|"
    r"salar(?:y|ies)|payroll|bank details|confidential (?:\w+ ){0,2}(?:information|data|files?|papers?|reports?|records|emails?|documents?|minutes)|personal (?:data|details|information)|pupils?'? (?:data|details|information|names)|send? (?:files?|reports?|records|list)|"
    r"free school meals|pupil premium|spreadsheet|sick ?(?:note|ness record)|case notes|tracker|referral)"
)

PLATFORM: Final = r"(?:(?:her|his|their) )?(?:own )?(?:snapchat|instagram|facebook|tiktok|twitter|x|discord|whatsapp|telegram|bereal|threads|socials|a social media app)"

RULES: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (kind, re.compile(rf"\b(?:{'|'.join(patterns)})(?!\w)"))
    for kind, patterns in (
        ("misuse", (
            rf"{GROWN_UP}(?: \w+)? (?:(?:has|have|is|are|'s|keeps?|just|now|been) )*(?:add(?:ed|ing|s)|(?:be)?friend(?:ed|ing|s)|follow(?:ed|ing|s)|friends with|mates with) (?:\w+ ){{0,2}}{OF_CHILDREN} (?:\w+ ){{0,3}}on {PLATFORM}",
        )),
        ("threat", (
            r"(?:death|bomb|rape|acid|knife) threats?", rf"threat(?:en|ens|ened|ening)(?: to (?!rain|snow|sue|complain|report|resign|leave|strike|call|ring|go|tell|contact|write|withdraw|take)\w+)? {SOMEBODY}(?= |$|\W)(?! (?:with (?:ofsted|the sack|a solicitor|legal)))",
            rf"{INTENDS} (?:\w+ )?{HARM} (?:{SOMEBODY})(?! (?:know|some|a (?!bullet|kicking|slap)|any|what|the|to the|on the|ready|in touch))", r"been threatened", r"blackmail(?:s|ed|ing)?", r"doxx?(?:ed|ing)", r"stalk(?:s|ed|ing) (?:me|her|him|us|my \w+|our \w+|one of|a \w+)", r"(?:a|my|her|his) stalker",
            r"(?:knows?|knew|find out|found out) where (?:i|we|she|he|you|my \w+|they|our \w+) (?:lives?|go(?:es)? to|work|park)", r"bomb (?:at|in|under) (?:the |our )?school", r"beaten up", r"followed me (?:home|to my)", r"(?:shoot|blow) (?:up )?(?:the|our) (?:school|place)",
            r"unless (?:i|we|she|he) pay", r"i'm being sextorted", r"smash (?:the|our) (?:place|school|office) up", r"threat against",
            r"(?:photo|picture|video)s? of my (?:house|home|front door|street|car)",
        )),
        ("data_breach", (
            rf"(?:lost|stolen|nicked|mislaid|pinched|misplaced|can't find|cannot find) (?:\w+ ){{0,4}}{DEVICE}(?!'?s? (?:cable|charger|cap|case|cover|lead|bag|sleeve|number))", rf"left (?:\w+ ){{0,5}}{DEVICE} (?:\w+ ){{0,3}}(?:on|in|at) (?:the|a|my) (?:train|bus|tube|taxi|pub|cafe|café|car|park|shop|coach|tram|plane|supermarket|gym|restaurant|roof)",
            rf"{DEVICE} (?:\w+ ){{0,4}}(?:been|was|were|got|has been|is|are) (?:lost|stolen|nicked|taken|mislaid|missing)", r"(?:email|account|mailbox|inbox|twitter|facebook|page|system|server|network|website|sims|instagram)s? (?:\w+ ){0,3}(?:been|was|got|is|has been) (?:hacked|compromised|taken over|breached)", r"ransomware", r"been (?:hacked|phished)", r"(?:got|was) phished",
            r"(?:clicked|opened|fell for|fallen for) (?:\w+ ){0,4}(?:phishing|dodgy|scam|fake|suspicious) (?:\w+ )?(?:link|email|message|page|attachment)", r"(?:typed|entered|gave|put in|given) (?:\w+ ){0,3}(?:my|our|her|his) (?:\w+ )?(?:password|login)",
            r"(?:sent|emailed|posted|forwarded|gave|given|handed|texted|attached|shared|cc'?d) (?:\w+ ){0,8}(?:wrong (?:person|parents?|famil(?:y|ies)|school|address|child|email|attachment|file|number|home|mum|dad|group|list|people|document|report))", r"instead of bcc", r"forgot to bcc", r"in the (?:to|cc) (?:box|field|line) instead",
            rf"(?:screenshots?|photos?|pictures?|cop(?:y|ies)|printouts?|lists?) (?:of|from) (?:\w+ ){{0,4}}{PRIVATE} (?:\w+ ){{0,5}}(?:on|in|to|online)", rf"{PRIVATE} (?:\w+ ){{0,4}}(?:been|was|were|is|are|got) (?:\w+ )?(?:posted|leaked|published|shared|put|sent|emailed|stolen|lost|visible|online|exposed|read)", r"data (?:breach|leak)(?= (?:has|happened|at|in|today|this)|$)",
        )),
        ("safeguarding", (
            rf"{GROWN_UP}(?: \w+)? (?:(?:is|was|has|has been|been|keeps|who's|who is|have|are|may be|might be|i know|here|'s|of ours|at (?:our )?school|from \w+|online|on \w+) )*{WRITES} {OF_CHILDREN}", rf"(?:in|having|has|had) (?:a|an) (?:\w+ )?(?:relationship|affair) with {OF_CHILDREN}",
            r"self[- ]harm(?:s|ed|ing)?(?! (?:book|leaflet|training|lesson|policy|resources|assembly))", r"suicidal", r"(?:kill|hurt|cut|harm)(?:s|ing)? (?:him|her|them)sel(?:f|ves)", r"(?:wants?|wanted|wishes) to die", r"overdosed?", r"(?:end|ending|take|taking) (?:her|his|their)(?: own)? lif?v?es?",
            rf"{OF_CHILDREN} (?:\w+ ){{0,4}}(?:being|been|is|was) (?:\w+ )?(?:groomed|abused|trafficked|radicalised|exploited|beaten|neglected|hit)", r"groom(?:s|ed|ing) (?:a|one of|our|my|some|children|pupils|kids|girls|boys)", rf"{OF_CHILDREN} (?:\w+ ){{0,6}}(?:met|meeting|meets|meet up with|meeting up with) (?:\w+ ){{0,4}}(?:man|stranger|adult|someone|somebody|bloke|online)",
            rf"(?:hits?|hitting|beats?|beating|hurts?|hurting|smacks|punched|kicks|touche[sd]|touching|burns|locks) {OF_CHILDREN}(?= (?:at home|with|in|and|every)|$|\W)", r"(?:dad|mum|stepdad|step ?dad|stepmum|uncle|grandad|mum's boyfriend|he|she) (?:hits|beats|hurts|touches|burns|kicks|punches|locks) (?:him|her|them)(?= |$|\W)(?! (?:targets?|stride))",
        )),
    )
)  # fmt: skip
ACCUSED: Final = re.compile(
    r"\b(?:accus\w+|(?:that|says|saying|said|claims?|claiming) (?:that )?i (?:hit|hurt|touched|abused?|beat|groomed?)|lies about me)\b"
)
FIGURES: Final = re.compile(
    r"\b(?:marking|laminator|photocopier|printer|timetable|biscuits?|cake|heating|wifi|kettle|reports are|deadline|glitter|lol|haha|quiz|netball|football|rounders|hockey|chess|recorders?|spreadsheet|feet|hay fever|weather|rain|novel|story|play|poem|"
    r"book|film|lesson|assembly|training|inset|poster|workshop|leaflet|scenario|role play|drama|topic|history|science|vikings|romans|tudors|blitz|macbeth|dragon|wolf|wasps|seagulls?|pigeons?|pony|hamster|slugs|late|lid|jumper|piano|mug)\b"
)


_GOES_ON = r"(?:keeps?(?: on)?|won't stop|will not stop|never stops?|is|are|'s|has been|have been|is always|is constantly)"
_ABUSING = (
    r"(?:insulting|abusing|harassing|bullying|trolling|mocking|humiliating|hounding|pestering|slagging (?:off )?|slating|ridiculing|tormenting|swearing at|shouting at|laughing at|making fun of|picking on|calling|posting (?:lies |things |rubbish )?about|"
    r"spreading (?:lies|rumours) about|sending (?:abuse|nasty messages|hate|insults) to|having a go at|attacking|criticising) ?(?:me|us|one of (?:our|my|the)|my (?:colleague|ta|friend)|our (?:ta|cook|caretaker|teacher|head|secretary))"
)
_VILE = r"(?:abusive|nasty|horrible|insulting|vile|hateful|racist|sexist|offensive|rude|cruel|malicious)"
_GREETED = r"^(?:(?:hi|hello|hey|help|please|urgent|sorry|so|right|um)[ ,.!]+)*"
EVEN_ASKED: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("staff_abuse", re.compile(
        rf"\b(?:(?:who|that|which) {_GOES_ON} (?:\w+ ){{0,2}}{_ABUSING}|(?:who|that|which) {_GOES_ON} sending (?:me|us) (?:\w+ ){{0,2}}(?:abuse|hate|insults|(?:{_VILE}) (?:messages|emails|texts|comments|dms))|"
        rf"(?:who|that|which) (?:makes|make|made) fun of (?:me|us)\b|{_VILE} (?:messages|emails|texts|comments|dms) (?:that |which )?(?:\w+ ){{1,4}}(?:is|are|keeps?) (?:sending|writing|leaving) (?:me|us))"
    )),
    ("threat", re.compile(
        rf"\b(?:who|that|which) (?:{_GOES_ON} (?:\w+ ){{0,2}}(?:threatening|stalking|following|blackmailing) (?:me|us|my \w+)|has threatened|says? (?:that )?(?:he|she|they)(?:'ll|'d| will| would| is going to| are going to) (?:hurt|kill|hit|get|find|batter|beat) (?:me|us))"
    )),
    ("safeguarding", re.compile(
        rf"{_GREETED}(?:i|we)(?:'ve| have)(?: got)? (?:a |an |some |serious |real |big |urgent )*(?:safeguarding|child protection) (?:concerns?|worr(?:y|ies)|issues?|disclosures?)\b|"
        rf"{_GREETED}(?:i|we)(?:'m|'re| am| are)? ?(?:\w+ )?(?:worried|concerned|anxious|frightened|scared|fear) (?:about|for) (?:the )?{OF_CHILDREN}(?:'s|s'|') (?:own |online )?(?:safety|welfare|wellbeing|well-being|life)\b|"
        rf"{_GREETED}(?:i|we)(?:'m|'re| am| are) (?:\w+ )?(?:worried|concerned|anxious) about the (?:safety|welfare|wellbeing) of {OF_CHILDREN}\b"
    )),
)  # fmt: skip


def unmistakable(text: str) -> tuple[str, ...]:
    """The kinds that a rule names in the text, as told or not, in the order of their gravity."""
    lower = plain(text)
    return tuple(kind for kind, pattern in RULES if pattern.search(lower) and not (kind == "safeguarding" and ACCUSED.search(lower)))


TELLS_THEN_ASKS: Final = r"(?<=[.!?;])\s+|,\s+(?:so\s+|and\s+)?(?=(?:can|could|should|may|must|shall|am|do|is)\s+(?:i|we|it|there|that)\b)"


def told(text: str) -> tuple[str, ...]:
    """The kinds that a rule names in a sentence that tells: none that asks, supposes, denies, teaches or speaks in figures."""
    lower = without_pleas(plain(text))
    found: dict[str, None] = {}
    for part in re.split(TELLS_THEN_ASKS, lower):
        if not SUPPOSES.search(part):
            found.update({kind: None for kind, pattern in EVEN_ASKED if pattern.search(part)})
        if is_question(part) or SUPPOSES.search(part) or FIGURES.search(part) or NOTHING.match(part):
            continue
        found.update(dict.fromkeys(unmistakable(part)))
    return tuple(kind for kind in CONCERNS if kind in found)


def asked_but_told(text: str) -> bool:
    """Whether a question tells of something that goes on ("can I block a dad who keeps insulting me")."""
    lower = plain(text)
    return any(
        pattern.search(part) for part in re.split(r"(?<=[.!?;])\s+", lower) if not SUPPOSES.search(part) for _, pattern in EVEN_ASKED
    )
