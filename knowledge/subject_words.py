"""The words by which ``knowledge.subjects`` tells a doer from one who was told or who suffered."""

# ruff: noqa: E501 (patterns read best in one line)

from __future__ import annotations

import re
from typing import Final


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# ---- where a doer stands -------------------------------------------------------------------------------------------------------------
AFTER_WHICH_NO_DOER: Final = _set(
    "to with of for at against on behind under about than like over into toward towards alongside after without including except between beside "
    "tell told telling ask asked asking let see inform informed informing need needs want wants show showed showing give gave call calls calling "
    "ring rang phone phoned hit hurt kill stab hate hates get got sent send sending sends cc bcc copy copied thank meet met beat involve involving "
    "off down put up punch shoot hack fake be"
)
SAYING: Final = _set(
    "think thinks thought know knows knew say says said saying hear heard believe believes suspect suspects saw seen noticed notice found feel felt "
    "realised realise discovered worried afraid sure certain convinced hope guess mean means caught admit wish mentioned claims claimed alleges alleged "
    "reckon reckons witnessed watched spotted understand fear is was reported shows report"
)
JOINING: Final = _set(
    "that because but and so when while if as since how what why or , : ( ) whether where although though then now unless until again also today yesterday "
    "once before hi hello help please which whose it's its"
)
DOES_TO: Final = re.compile(
    r"(?:threaten|bully|bullie|abus|attack|troll|insult|harass|mock|target|criticis|accus|blam|defam|libel|slander|slat|stalk|follow|punch|batter|kick|hack|"
    r"film|tagg?|messag|text|email|contact|support|help|thank|impersonat|humiliat|nam|shar|post|photograph|punish|slapp|undermin|ridicul|smear|hound|back|"
    r"befriend|add|copy|involv|ask|tell|show|call|lik|lov|hat|kill|hurt|beat|cop|edit|photoshopp)(?:ed|ing|ied)|threatens|bullies|abuses|attacks|hates|likes|loves|blames|emailed"
)

# ---- between a doer and the verb -----------------------------------------------------------------------------------------------------
BETWEEN: Final = re.compile(
    r"(?:\) |, @[a-z_]+ (?=(?:,|and|&) )|,(?: (?!and |but |so |because |when |i |we |not |who )[a-z@_']+){1,5} , |,? ?who (?:i|we|you|they|everyone|everybody|most) [^,]{2,40} , |, |\( ?[^)]{0,30}\) ?,? ?|who (?!am|are )|that |which |himself |herself |(?:just|also|always|constantly|regularly|often|now|then|never|even|actually|really|only|still|"
    r"here|yesterday|today|tonight|again|too|alone|both|all|apparently|sadly|clearly|sometimes|usually|already|has just|mrs? \w+|ms \w+|miss \w+|dr \w+|of all people|"
    r"as well|i think|i believe|i'm sure|at my school|at our school|at this school|in my school|in our school|"
    r"last (?:night|week|term|year|month|friday|monday)|this (?:morning|week|term|afternoon)|on \w+days?|at (?:\w+ )?(?:night|school|work|lunch)|(?!rep|fam|bul)\w+ly) |"
    r"(?:and|&) (?:(?:a|an|the|her|his|my|our|another|one of (?:the|our)|some|two|other) )?(?!is |was |has |keeps |sends |then |now |it |i |we |he |she |they |nobody |nothing )@?[a-z_]+ (?=(?:is|are|was|were|has|have|keep|keeps|both|sent|posted|put|shared|lost|left|took|told|wrote|made|follow|message|send|share|post|\w+ed|\w+ing)\b))"
)
SMALL: Final = _set(
    "just also always constantly regularly often now then even actually really still sometimes both all only once again clearly basically never not n't already ever since secretly since so very a bit"
)
NOUNS_IN_LY: Final = _set("reply family bully")
IS: Final = _set("is are was were be am who's that's isn't aren't he's she's")
HAS: Final = _set("has have had having")
GOES_ON: Final = _set(
    "keeps keep kept started starts start began begins continues continued goes went likes enjoys stopped can't won't tried tries loves"
)
FAILS: Final = _set("won't isn't refuses refused doesn't hasn't didn't does did will")
FAILING: Final = re.compile(
    r"(?:(?:is |be )?act(?:ing|ed)?\b|report\b|reported\b|do anything|done anything|listen|told anyone|tell anyone|admit|take (?:it|this|that) serious|to (?:act|report|do|listen|admit|pass|tell|deal|take)|"
    r"it\b|this\b|that\b|nothing|stop|leave me|pass (?:it|this) on|let me report)"
)
SUFFERS_ING: Final = _set("getting receiving having being helping supporting checking asking")
ING_WITHOUT_G: Final = _set("messagin textin bullyin sendin postin")
VERB: Final = re.compile(
    r"\w+(?:ed|ing|es|[^s'u]s)|sent|put|wrote|left|lost|made|took|gave|hit|got|let|led|ran|met|made|makes|broke|threw|swore|drew|drove|lied|spoke|kept|shot|stole|bought|sold|"
    r"did|went|came|said|told|felt|held|hid|hurt|shook|shut|cut|spread|read|caught|fed|bit|beat|grew|knew|set|stuck|slung|flung|post|posts|message|follow|share|send|friend|threaten|mock|bully|sends|writes|texts"
)
PAST: Final = re.compile(
    r"\w+ed|sent|put|written|left|lost|made|taken|given|hit|got|let|led|run|broken|thrown|sworn|drawn|driven|lied|spoken|kept|shot|stolen|sold|done|gone|come|said|told|held|hid|hidden|stuck|slung|flung|"
    r"hurt|shaken|shut|cut|spread|read|caught|set|wrote|had|found|seen|heard|been|asked|dm'd|bit|beaten|gotten"
)
NO_VERB: Final = _set(
    "this is was pupils kids girls boys students years children his its does messages emails texts staff always as us yes during morning thing nothing something anything evening bed need feed speed days weeks"
)

# ---- what they are or have -----------------------------------------------------------------------------------------------------------
BAD: Final = _set(
    "abusive rude nasty horrible cruel creepy inappropriate behind responsible friends racist sexist homophobic guilty obsessed vile threatening bullying "
    "drunk aggressive vindictive offensive unprofessional violent obscene harassing mean foul spiteful misusing disgusting hurtful intimidating crude flirty flirting too guilty"
)
BAD_STATE: Final = re.compile(
    r"(?:in (?:a|an|the|our|my|that|several|some) (?:\w+ )?(?:group|chat|whatsapp|relationship|snap|discord|server|parents|pupils|kids)|on (?:snapchat|tiktok|discord|facebook|instagram|\w+ with)|"
    r"(?:the|a|an|my|our) (?:\w+ )?(?:one|person|man|woman|bully|abuser|racist|problem|culprit|predator|harasser|groomer|liar|source)\b(?! (?:who (?:told|asked|found|reported|helped)|being))|"
    r"part of (?:it|this)|involved in|to blame|at fault|always (?:on|at) (?:me|her)|at it|alone with|too (?:close|friendly|familiar)|out to get)"
)
HELD: Final = re.compile(
    r"(?:(?:a|an|some|loads of|lots of|the|his|her|nude|secret|this|got|kept|our|saved|still|these|those|several|many|all|hundreds of|of) )*(?:pupils?|kids?|children|students?|girls?|boys?|year \d+s?|indecent|nudes?|naked|"
    r"inappropriate|pictures?|photos?|images?|videos?|child(?:ren's)? (?:porn|abuse)|fake|secret|relationship|affair|porn|explicit|sexual|topless|crush|favourites?|vendetta|it in for|something on his|something on her|set up|second account|anonymous account|burner|alt account|"
    r"(?:tiktok|account|page|profile|channel|podcast|group|blog|instagram|facebook) (?:where|that|about|full|taking|called|mocking|slagging|making))"
)
IS_OR_HAS_BEFORE: Final = _set(
    "been a an the got put posted sent in on at friends always been just made taken shared set not now still having had given told asked who one behind"
)
NOUNS_IN_ING: Final = _set(
    "meeting meetings wedding building briefing training evening morning thing drawing parking bullying feeling hearing standing"
)
NOUNS_LIKE_PAST: Final = _set("left set cut hit put read run set need shed bed cut shot")

# ---- deeds and what is no deed -------------------------------------------------------------------------------------------------------
TELLS: Final = _set(
    "told tells tell telling said says saying asked asks asking wants wanted suggested suggests advised advises instructed instructs ordered orders texted "
    "invited invites begged requested requests knows know encouraged pressured"
)
WICKED: Final = re.compile(
    r"\b(?:delet\w+|destroy\w*|cover\w*|hid(?:e|ing)|hush\w*|quiet|drop (?:it|this|the)|forget (?:it|about|the|what)|lie|lied|fake|sav(?:e|ing) (?:it|the|a|them|that)|forward (?:it|the|her|him|them)|shut up|shut my|secret\w*|"
    r"not to (?:tell|report|say|speak|mention|write|record|log|pass|ring|call|contact|worry the)|n't (?:tell|report|say|mention|write|record|log)|say nothing|nothing to (?:anyone|anybody)|keep (?:my |our |your )?(?:mouth|schtum|it)|between us|"
    r"where i live|where my|ruin\w*|regret\w*|never work|sack(?:ed)? me|worthless|useless|stupid|fat|ugly|thick|lazy|pathetic|idiot|kill|hurt|finish(?:ed)?|or else|back(?= on| home| walking|$)|watch (?:my|your)|"
    r"nudes?|naked|topless|photos? of (?:her|him|them)sel\w+|for (?:pictures|photos|nudes|sex)|pictures of (?:her|him|them)|sleep with|kiss|inappropriate|make (?:a |an )?(?:fake|false)|post (?:fake|false)|bully\w*|threat\w*|"
    r"swear\w*|to (?:friend|follow|add|snap) (?:me|him|her)|spy|pretend|cheat|alter|change the|falsif\w*|brush|under the carpet|move on|let it (?:go|lie|drop))\b"
)
TO_OTHERS: Final = re.compile(
    r"(?:(?:a|an|the|one of (?:the|our|my)|our|my|some|two|all|every|several|year \d+|other|whole) )*(?:parents?|mums?|dads?|mother|father|pupils?|child|children|kids?|girls?|boys?|students?|sixth former|press|paper|class|"
    r"everyone|everybody|journalist|family|families|neighbours?|public|facebook|town|village)\b(?! (?:to (?:report|stop|come|apologise|take|remove|delete)|off|it was wrong))"
)
HEARSAY: Final = re.compile(
    r"(?:me |us |him |her |them |the staff |everyone |staff )?(?:that |about )?(?:(?:a|an|the|one of|some|two|our|my|another|several) )*(?:parents?|mums?|dads?|pupils?|child|kids?|boys?|girls?|colleagues?|ta|tas|teachers?|governors?|someone|somebody|staff member|member of staff|"
    r"caretaker|neighbour|stranger)\b"
    r"(?!'? (?:chat|group)| (?:to |not |for |(?:on \w+ |by \w+ )?(?:what|which|everything|all about|about)\b))"
)
HEARSAY_LATER: Final = re.compile(
    r"\b(?:saying|that|because|about|to say|to tell me|asking|after|as|about how) (?:(?:a|an|the|one of|some|two|our|my|another) )*(?:parents?|mums?|dads?|pupils?|child|kids?|boys?|girls?|colleagues?|ta|tas|teachers?|governors?|someone|somebody|"
    r"caretaker|neighbour|stranger)\b"
)
REACHES: Final = _set(
    "emailed emails emailing rang rings ringing phoned phones phoning messaged messages messaging texts texting called calls calling wrote writes writing contacted contacts contacting speaks spoke"
)
IN_DUTY: Final = re.compile(
    r"\b(?:to (?:report|ask|say (?:thank|thanks|sorry|that|how)|check|find out|arrange|thank|apologise|write|fill|log|invite|offer|see if|let me know|tell me (?:to report|that))|asking (?:me|us|for)|the police|police|999|social services|the lado|"
    r"parents in|a meeting|me in to (?:talk|chat)|to a meeting|back|ofsted|reminder|the register|an ambulance|to order|it out)\b"
)
BLAMELESS: Final = _set(
    "needs should will can would could may might must saw sees found finds heard hears noticed notices caught spotted got gets received receives thinks thought believes "
    "came comes coming reported reports reporting helped helps helping supports supported supporting confiscated dealt deals dealing agreed reads read thanked opened understands understood investigated "
    "investigating investigates looked looks looking tried tries trying listened listens felt feels expects expected hopes hoped learnt learned discovered realised intervened stepped joined "
    "sorted sorting removed blocked went goes going wonders wondered leaves left_us retires retiring retired worries worried works working promised promises does did arrived arrives decided decides "
    "met meets recorded records printed signed signs runs running covers covering visits visiting visited seemed seems lives started starts walked walks congratulated praised praises welcomed reminded reminds introduced"
)
BLAMED_AFTER_ALL: Final = re.compile(
    r"(?:looks?|looked|looking) (?:at (?:\S+ ){0,5}(?:child|porn|nude|naked|indecent|pictures?|images?|photos?|girls?|boys?|pupils?)|up)|(?:got|gets) (?:drunk|a (?:pupil|child|girl|boy)|pupils|kids|into|in touch with|off with|me )|"
    r"(?:went|goes|going) (?:live|on (?:facebook|twitter|tiktok|instagram|a rant|about)|for me|mad|berserk|ballistic|round to|behind|through my|out with)|(?:did|does) (?:it|this|that|nothing|the same)|"
    r"(?:opened|read|reads) (?:my|our|out|a colleague's|someone's|her|his|staff)|(?:joined|joins) (?:\w+ ){0,4}(?:chat|group|whatsapp|server|discord|snapchat)|(?:records?|recorded|printed|prints) (?:\w+ ){0,4}(?:me|us|indecent|nude|children|pupils|girls|boys|on her phone|on his phone)|"
    r"(?:thinks|thought) it (?:is|was|'s)? ?(?:funny|ok)|(?:tries|tried|trying) to (?:kiss|touch|cover|hide|get me|ruin|bully|silence|add|friend|make me|force)|(?:walked|walks) in on|(?:visits|visited) (?:a )?(?:pupil|child|girl|boy)|"
    r"(?:met|meets) (?:up with )?(?:a|an|one of|the|some) (?:\w+ ){0,2}(?:pupils?|girls?|boys?|lads?|child|kid|student|sixth)|(?:works|working) against|(?:ran|runs|running) (?:a|an) (?:fake|anonymous|secret)|(?:removed|blocked) me|(?:feels|felt) (?:me|her|him) up|(?:came|comes|coming) (?:onto|on to|at me|after me|on strong|round to my)|(?:sees|seeing|saw) (?:a|one of) (?:\w+ )?(?:pupils?|girls?|boys?|student|sixth) (?:\w+ )?(?:out|alone|at night|privately|outside)"
)
BLAMELESS_DONE: Final = _set(
    "seen found read told asked supported signed checked approved invited informed reported noticed spotted confiscated handled dealt with sorted met advised thanked helped appointed "
    "investigated witnessed removed taken led run written_up observed interviewed backed reassured opened agreed arranged given"
)
KIND: Final = re.compile(
    r"\b(?:lovely|kind|nice|brilliant|supportive|thank you|thanks|well done|new dates|reminder|newsletter|policy|the rota|a training|get well|(?:sure|aware|clear|time|tea|arrangements)(?= |$)|a statement|apology|an apology)\b"
)
SENT_ON: Final = re.compile(r"(?:me|us|her|him|them) (?:here|home|to (?:you|this|the)|the (?:link|form|policy|rota)|on a course)\b")
SENDS: Final = _set("sent sends directed referred pointed pointing")
THREATENS: Final = re.compile(
    r"(?:me |us )?(?:that )?(?:he|she|they)(?:'d|'ll| would| will|'s going to| is going to| was going to) (?!help|support|look|deal|sort|speak|call|see|report|ring|investigate|let|be (?:in|back|away)|get back|talk|ask|tell the|tell them|have a word)"
    r"[\w' ]{0,60}\b(?:me|my|us|our|her|him)\b|"
    r"(?:me |us )?(?:on \w+ |by \w+ )?(?:that )?(?:he|she|they) knows? (?:people|folk|someone|somebody|a man|men|lads|boys) (?:who|that|to)\b"
)
SHOWS: Final = _set("show shows showing showed")
FINDS: Final = _set("thinks thought finds found")
AMUSED: Final = re.compile(
    r"(?:it's|it is) (?:so |very |really )?(?:funny|fine|ok|okay|hilarious|clever|acceptable|amusing|a laugh|a joke) (?:to|when)\b"
)
ALSO_DID: Final = re.compile(
    r" and (?:then |just |has |he |she |they )?(?:kept|keeps|saved|shared|shares|showed|shows|deleted|ignored|laughed|laughs|posted|posts|forwarded|covered|hid|refuse[sd]|threaten\w+|joined in|copied|passed|swore|bullie[sd]|mocked|took photos)\b"
)
CLAIMED: Final = re.compile(
    r"^(?!.*\b(?:told|tells|telling) (?:me|us)\b).*\b(?:posts?|posted|comments?|pages?|videos?|tweets?|rumours?|lies|petitions?|reviews?|articles?|blogs?|threads?|online|facebook|twitter|instagram|tiktok|mumsnet|trolls?) "
    r"(?:[\w']+ ){0,4}?(?:saying|claiming|says|say|claims|claim|that|alleging) (?:that )?$"
)
KEPT_FROM: Final = re.compile(
    r"\b(?:(?:keep|kept|keeping)(?! (?:getting|receiving|having|finding|seeing|hearing)\b)|hid|hide|hidden|hiding|away|secret|permission|advice|support|help|hear|heard|approval|go ahead|stolen|stole|took|nicked|borrowed|taken|hacked|pretending|pretended|claiming|purporting|supposedly|looks like|"
    r"apart|different|far|fake|scam|phishing|says it'?s|said it was|pretends)\b"
)
COMES_FROM: Final = re.compile(
    r"\b(?:messages?|emails?|e-mails?|texts?|dms?|calls?|abuse|abusive|threats?|insults?|comments?|notes?|letters?|voicemails?|bullying|harassment|jokes?|pictures?|photos?|nudes?|remarks?|hate|posts?|rumours?|requests?|snaps?|videos?|links?|stuff|something|"
    r"images?|it|they|them|they're|it's|are|is|came|comes|coming|come|was|were|one|ones|grief|treatment|whatsapps?|pressure|hearts?|emojis?|gifts?|memes?|screenshots?|clips?|this|all)\b[\w\s,']*$"
)

# ---- predicates, possessives and complaints ------------------------------------------------------------------------------------------
PREDICATE: Final = re.compile(
    r"(?:\b(?:it's|its|it is|it was|it were|that's|that was|that is|this is|she's|he's|she is|he is|she was|he was|hes|shes|(?:abuser|bully|bullies|harasser|culprit|perpetrator|offender|stalker|sender|troll|attacker|blackmailer|groomer|person|one|account|who|behind it|"
    r"responsible|doing (?:it|this|that)|did (?:it|this|that)|responsible) (?:is|was|'s|are))|^(?:is|was)) ?(?:also |actually |only |in fact |our own |really )?$"
)
ASKED_WHO: Final = re.compile(r"\b(?:is|was) (?:it|that|this)$|\b(?:who|what|where) (?:is|was)$|\bwho's$")
SUFFERER: Final = re.compile(
    r"(?:(?:who|that|who's|that's)? ?(?:(?:is|was|has been|'s|are|were) )?(?:being|been (?!\w+ing\b)|gets|getting|targeted|threatened|bullied|attacked|abused|victim|hurt|mentioned|named|insulted|accused)\b|(?:they|parents|someone|somebody|people|pupils|kids|a|an|the|some|one|everyone)\b|"
    r"(?:i|we|you|me) (?:need|should|told|have|must|go|would|can|tell|speak|talk|report to|ask|usually|normally)\b|'s\b|to (?:whom|report|tell|speak|ask|go|contact|decide|deal)|not\b|or\b)"
)
WANTS_TO_REPORT: Final = re.compile(
    r"(?:(?:that|who|whom) )?(?:i|we) (?:want|need|wish|would like|have|am|should|must|'m|'d like) (?:to )?(?:report|complain|accus\w+|talk about|reporting|worried about)\b(?! to)|(?:i'm|im|we're) (?:reporting|complaining|worried|accusing|talking)"
)
DOER_AFTER_ALL: Final = re.compile(r"(?:who|that)(?:'s)? (?:did|does|do|done|doing|is|has|was|keeps|lost|sent|posted|put|started)\b")
THEIR_DEEDS: Final = re.compile(
    r"(?:(?:own|latest|last|nasty|private|abusive|constant|late|night|inappropriate|vile|cruel|horrible|bullying|racist|sexist) )*(?:posts?|tweets?|messages|emails to|texts|comments?|bullying|behaviour|abuse|threats?|conduct|remarks|insults|rants?|misuse|actions|temper|jokes?|relationship|treatment of|harassment|dms)\b"
)
ON_WHICH_OTHERS_ACT: Final = _set(
    "on under to at about against over of_course liked shared hacked copied reported like share ignore following despite"
)
THEIR_PLACES: Final = re.compile(
    r"(?:(?:own|work|personal|school|old|private|home|desk|mobile|office) )*(?:laptop|computer|phone|ipad|tablet|pc|screen|desk|drawer|camera|usb|memory stick|cloud|drive|account|machine|device|mobile|office|icloud|bag|gallery|camera roll|browser|history|mac|onedrive|hard drive|email|desktop|monitor|iphone)\b"
)
SEEN_THERE: Final = re.compile(
    r"\b(?:nudes?|naked|indecent|porn\w*|topless|undressed|child abuse|sexual|explicit|no clothes|nothing on|underwear|csam|(?:inappropriate|rude|intimate|worrying|disturbing) (?:pictures?|photos?|images?|videos?)|"
    r"(?:pictures?|photos?|images?|videos?|folder) (?:of|with|showing) (?:\w+ ){0,3}(?:child|children|kids?|pupils?|girls?|boys?|students?))\b"
)
BROKEN_INTO: Final = re.compile(r"\b(?:hacked|stolen|stole|nicked|broken into|taken from|got into|cloned|compromised)\b")
THEIR_PAGES: Final = re.compile(
    r"(?:(?:own|personal|private) )*(?:facebook|linkedin|twitter|instagram|insta|tiktok|page|account|profile|snapchat|timeline|feed|status|story|stories|blog|youtube)(?: (?:page|account|profile|feed|status))? (?:has (?:a |an |some )?(?:\w+ )?(?:posts?|comments?|pictures?|photos?|pupils|kids|children|videos?)|"
    r"is (?:full of|sending|posting|attacking|mocking)|shows|says|makes fun|mocks|calls|"
    r"(?:, |and )?(?:there's|it's got|it has|with|had|and there is) (?:a |an |some )?(?:\w+ )?(?:photos?|pictures?|screenshots?|videos?|list|files?|names?|notes?|jokes?|memes?)\b)"
)
_NAMED = r"@(\w+)"
ABOUT: Final = (
    re.compile(
        r"\b(?:complain(?:t|ts|ing)?|concern(?:s|ed)?|worr(?:y|ied|ies)|allegations?|grievance|disclosure|whistle\w*|blow the whistle|speak up|"
        r"(?:report|raise|tell (?:you|someone|somebody) (?:something|this)|talk(?:ing)? to (?:someone|somebody)|it's|its|it is|this is)) (?:(?!post|lies|rumour|comment|petition|page)\w+ ){0,3}?(?:about|against|concerning|regarding|involving|with) "
        + _NAMED
        + r"(?!'s (?:safety|health|welfare|wellbeing|pa|wife|husband|son|daughter|job|accounts? being))"
    ),
    re.compile(
        r"\b(?:i|we|to|can|could|should|must|how do i|want to|need to) (?:\w+ )?report(?:ing)? " + _NAMED + r"(?!'s| that| a| to ask)"
    ),
    re.compile(
        r"\b(?:relationship|affair|messages|chatting|chats?|alone|sleeping|texting|snapchatting|conversations?|messaging|hugging|kissing) (?:\w+ ){0,2}(?:between|with) "
        + _NAMED
        + r"(?= and (?:a|one|the|an?other) (?:\w+ )?(?:pupil|child|girl|boy|student)|$|[.,!?])"
    ),
    re.compile(
        r"\b(?:worried|concerned|rumours?|something|relationship|going on|messages|inappropriate) (?:\w+ ){0,3}(?:between|about) "
        + _NAMED
        + r" and (?:a|one of|the|an?other) "
    ),
    re.compile(
        r"\b(?:when|if|because|since|where) (?:it's|it is|its|the (?:\w+ ){1,4}is) "
        + _NAMED
        + r"(?=\W*(?:$|[.,?!]| who(?:'s)? (?:is |has |did |does )?(?!being|been)))"
    ),
)
OTHER_PEOPLE: Final = re.compile(
    r"\b(?:parents?|mums?|mother|dads?|father|pupils?|child|boy|girl|kid|colleague|teacher|ta|governor|someone|somebody|caretaker|coach|man|woman|student|@\w+)\b"
)
WAS_TOLD: Final = re.compile(
    r"\b(?:told|tell|telling|asked|ask|asking|reported|report|emailed|spoke|spoken|informed|mentioned|let|thank|thanks|showed|saw) (?:\w+ ){0,3}$"
)
