"""What Usher says outside the policy's own words and the authored guidance: plain, short, kind and calm."""

from __future__ import annotations

from bot.cards import Button, Option, Tone
from bot.incidents.model import Kind

BADGES: dict[str, tuple[str, Tone]] = {
    "yes": ("Yes", Tone.YES),
    "no": ("No", Tone.NO),
    "conditional": ("It depends", Tone.DEPENDS),
    "report": ("Report this", Tone.REPORT),
    "info": ("What the policy says", Tone.INFO),
    "not_covered": ("The policy does not say", Tone.NOT_COVERED),
}
UNCLEAR_BADGE = ("The rule", Tone.INFO)

ANSWERED = "Usher has answered your question"
CHOOSE = "I am not sure which of these you mean. Please choose one."
YOU_ASKED = "You asked: “{}”"
ASKED_BESIDES = "You also asked: “{}”. Ask me again, one question at a time, and I look for the clause."
NONE_OF_THESE = "None of these"
READ_TOGETHER = "Read together with"
READ_FIRST = "Read this first"
ALSO = "Other clauses that bear on this"
NEXT = "What to do next"
NOT_COVERED_LEAD = "The policy does not say anything about this."
NOT_COVERED_ROUTE = "For anything that you are unsure of, ask the Headteacher or your line manager. Your professional association or union can also advise (clause 16)."
WHO_TO_TELL = "Who do I report misuse to?"  # what "who else could I tell?" stands for, after somebody was named
WHO_ABOUT_THE_HEAD = "Who do I report it to if it is about the Headteacher?"
HAND_ON = "I can pass your question on to a person, with your name."

REPORT = Button("Report something", "report.open")
DANGER = "Somebody is in danger now"
IN_DANGER = (
    "Ring 999 now.",
    "Stay with the person if that is safe for you.",
    "Then come back here and report it, so that the school knows.",
)
DANGER_FIRST = "If anyone is in danger now, ring 999 first."
LIFE_FIRST = (
    "I am glad you said this, and nobody should be alone with it. If a life may be in danger now, ring 999, and stay with somebody."
)
MONEY = "If money may have gone, ring the bank at once (not from the policy)."
PERHAPS = "I am not sure whether something has happened"
PERHAPS_THEN = (
    "If something has, tell me a little more, or press “Report something”: nothing is sent until you say so. If not, all is well."
)
PERHAPS_POLICY = "What the policy says about such things"

CONCERN_TITLES = {
    Kind.INDECENT_IMAGES: "Stop here first: this may be an indecent image of a child",
    Kind.SAFEGUARDING: "Thank you for telling me. A child's safety comes first",
    Kind.DATA_BREACH: "This needs to be told at once",
    Kind.THREAT: "I am sorry this is happening. You do not have to deal with it alone",
    Kind.STAFF_ABUSE: "I am sorry this is happening. You do not have to deal with it alone",
    Kind.MISUSE: "This should be reported",
}
CONCERN_ASK = {
    Kind.INDECENT_IMAGES: "Report it now",
    Kind.SAFEGUARDING: "Report it now",
    Kind.DATA_BREACH: "Report it now",
    Kind.THREAT: "Report it",
    Kind.STAFF_ABUSE: "Report it",
    Kind.MISUSE: "Report it",
}
NOTHING_SENT = "Nothing has been sent to anyone yet: it goes only when you press the button."
TO_KEEP = "What to keep, and how"

KIND_OPTIONS = (
    Option(Kind.MISUSE, "Misuse of social media"),
    Option(Kind.STAFF_ABUSE, "I am, or a colleague is, being abused or harassed"),
    Option(Kind.THREAT, "Somebody has made a threat"),
    Option(Kind.DATA_BREACH, "Personal information was lost, sent wrongly or stolen"),
    Option(Kind.SAFEGUARDING, "I am worried about a child"),
    Option(Kind.INDECENT_IMAGES, "An indecent image of a child may be involved"),
)
AFFECTED_OPTIONS = (
    Option("me", "Me"),
    Option("colleague", "A colleague"),
    Option("pupil", "A pupil"),
    Option("parent", "A parent or carer"),
    Option("school", "The school"),
)
DONE_BY_OPTIONS = (
    Option("staff", "A member of staff"),
    Option("headteacher", "The Headteacher"),
    Option("pupil", "A pupil"),
    Option("parent", "A parent or carer"),
    Option("public", "Somebody else"),
    Option("unknown", "I do not know"),
)
YES_NO = (Option("yes", "Yes"), Option("no", "No"))

HELP_LINES = (
    'Ask me anything about the policy in your own words, such as "can I friend an ex-pupil?"',
    'Ask for a clause by its number ("clause 28", "22d") or a section ("section on images").',
    "Report something that has happened. You are told at once whom it goes to.",
    "Pass on a question that the policy does not settle to a person.",
)
RECORDED = (
    "When you ask, I keep which clause I quoted and which version of the policy, without your name and without your words.",
    "On my own page your conversation with me is kept, encrypted, for you alone to read again, and goes after a time.",
    "When you report something, or pass a question on, your words and your name are kept, encrypted, for the people who deal with it.",
    'The Headteacher does not see what you ask, unless you pass a question on, or judge an answer with "Was this right?".',
    "When you judge an answer nobody is shown your name. It stays yours: you can ask for everything that is kept about you, and have it erased.",
)
BOT = "I am Usher, a computer program. I quote the school's policy word for word, and I never make up an answer. Behind me are people: I can pass you on to one."
GREETING = "Hello. Ask me what the social media policy says, or tell me what has happened."
THANKS = "You are welcome. I am here whenever you need me."
GOODBYE = "Goodbye. Come back whenever you need me."
POINTER = "I have answered you privately."
FILE_IGNORED = "I have not opened or kept the file that came with your message."
FILE_CLAUSE_71 = "If it may show an indecent image of a child: do not send it to anyone, not even to me. Keep the device in a secure place and contact the police at once (clause 71)."
REPORT_NOW = "Report it now"
NO_PICTURES = (
    "No pictures or files, please: words are enough. Never send or copy an indecent image of a child, not even as evidence (clause 71)."
)
WHAT_CUT = "Only the beginning of your message stands here: please add what matters of the rest."
WHAT_HINT = "A few words are enough. You can add more later."
SUBJECT_HINT = "Whoever you choose here is kept out of it: they are not told and cannot see it."
SUBJECT_LATER = "Whoever you choose is kept out of it from now on, for good: they are not told, and cannot see it. This cannot be undone."
ADDRESS_HINT = "For example the address of the page or the name of the account or group."
FILE_KEEP = (
    "If it may show an indecent image of a child, do not send it to anyone, and contact the police at once (clause 71). "
    "If not: keep the screen print yourself, with the date, time and address. The record says that it exists and who has it (clauses 61 and 70)."
)
ROOM_WARNING = "A file was put into this room. Do not open, save, send or show it: contact the police at once (clause 71)."
ROOM_PICTURE = (
    "What is written here may be about an indecent image of a child, and that comes before everything else. "
    "Do not save, send, alter or show the image, take no screen print of it, and contact the police at once (clause 71)."
)
ROOM_IN_WORDS = "Write here, in words only, what the others need to know. Post no picture and no file."
FILE_HELD = "{name} holds it; it is in their message {message} in {channel}."
PASSED_ON = "Passed on"
FEEDBACK_THANKS = "Thank you. That helps everybody who asks after you."
OUTSIDE_HELP = "Help from outside the school (not from the policy)"
KEPT_FROM = "It is kept from {names}, because it is about them: they are not told, and cannot see it."
LINK = "Your link to the page"
LINK_ONCE = "It works once, for you alone, for the next ten minutes. Please do not pass it on."
WORDS_LEFT_OUT = "(The words are left out, because they may tell of something that has happened.)"
