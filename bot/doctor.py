"""What `app.py doctor` looks at: settings, people, store, keys, mail. Channels bring checks of their own."""

from __future__ import annotations

import shutil
import smtplib
import ssl
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bot.errors import UsherError
from bot.incidents.model import Kind
from bot.incidents.store import Store
from bot.incidents.stranded import stranded
from bot.people import Role
from bot.school import SchoolFile
from bot.settings import Settings

PATIENCE = 10  # seconds for a mail server to answer
FREE_BYTES = 200 * 1024 * 1024
WEEK, YEAR, LIFETIME = timedelta(days=7), timedelta(days=365), timedelta(days=80 * 365.25)
SHORT = {kind: YEAR if kind in (Kind.SAFEGUARDING, Kind.INDECENT_IMAGES) else timedelta(days=30) for kind in Kind}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `good` False: something is wrong, and `mend` says what to do; None: it works, but note `mend`."""

    good: bool | None
    what: str
    mend: str = ""


def fine(what: str) -> Finding:
    """Something that is as it should be."""
    return Finding(good=True, what=what)


def wrong(what: str, mend: str) -> Finding:
    """Something that must be mended."""
    return Finding(good=False, what=what, mend=mend)


def note(what: str, mend: str) -> Finding:
    """Something that works, but is worth a thought."""
    return Finding(good=None, what=what, mend=mend)


def examine(checks: Iterable[Callable[[], Iterable[Finding]]]) -> list[Finding]:
    """Run every check; one that itself fails becomes a finding."""
    findings: list[Finding] = []
    for check in checks:
        try:
            findings += check()
        except Exception as error:
            findings.append(wrong(f"A check could not be run ({type(error).__name__}).", "Run `make check` and report this."))
    return findings


def check_people(settings: Settings) -> Iterable[Finding]:
    """Whether everybody whom the ladders alert can be reached, and by more than one way."""
    school = settings.school
    people = school.everyone()
    live = {name for name, on in (("slack", settings.slack), ("teams", settings.teams), ("mail", settings.smtp_url)) if on}
    if settings.demo:
        yield note(f"{school.school.name} is the demo school.", "Copy school.example.toml to school.toml and name your own people.")
        return
    for person in people:
        if not person.roles:
            continue
        by_mail = {"slack"} if "mail" in person.addresses else set()  # whether Slack does find them by it is asked there
        ways = sorted(live & ({*person.addresses} | by_mail))
        if not ways:
            yield wrong(f"{person.name} cannot be reached.", f"Give {person.id} a slack, teams or email entry in school.toml.")
        elif len(ways) == 1:
            yield note(f"{person.name} can be reached by {ways[0]} alone.", "Add an e-mail too, for the day that it is down.")
        else:
            yield fine(f"{person.name} can be reached by {' and '.join(ways)}.")
    yield from telephones(school)
    contact = people.get(school.school.it_contact)
    if not (contact and "mail" in contact.addresses and settings.smtp_url):
        yield note("Nobody is told when the bot itself is ill.", "Name an it_contact with an email under [school], and set SMTP_URL.")


def check_alerts(store: Store) -> Iterable[Finding]:
    """Whether there are alerts that nobody can receive. It says how many, never of what: who runs this need not know."""
    left = stranded(store)
    if left:
        yield wrong(
            f"{left.count} alert(s) could reach nobody.",
            "Mend what is said below of people who cannot be reached, or tell them by telephone.",
        )


def check_retention(settings: Settings) -> Iterable[Finding]:
    """Whether anything is kept for an odd time. None of it stops the bot: the data protection officer decides."""
    kept = settings.school.retention
    incidents = {kind.value: getattr(kept, kind.value) for kind in Kind}
    others = {name: getattr(kept, name) for name in ("conversations", "questions", "judgements", "answers")}
    odd = [f"{name}: incidents' words go after {days(keep)}" for name, keep in incidents.items() if keep < SHORT[Kind(name)]]
    odd += [f"{name}: words go after {days(keep)}, perhaps before anybody has read them" for name, keep in others.items() if keep < WEEK]
    odd += [f"{name}: {days(keep)} is longer than anybody works" for name, keep in (incidents | others).items() if keep > LIFETIME]
    first = min(incidents, key=lambda name: incidents[name])
    if kept.conversations > incidents[first]:
        odd.append(f"conversations are kept longer than incidents of the kind {first}, and may repeat their words")
    for one in odd:
        yield note(f"[retention] {one}.", "Ask your data protection officer, and correct school.toml where it is not meant.")
    if not odd:
        yield fine("Words are kept for as long as schools mostly keep them.")


def days(keep: timedelta) -> str:
    """A length of time in the largest unit that fits."""
    for unit, length in (("year", 365.25), ("day", 1)):
        if keep >= timedelta(days=length):
            number = keep / timedelta(days=length)
            return f"{number:.0f} {unit}{'' if round(number) == 1 else 's'}"
    return "less than a day"


def telephones(school: SchoolFile) -> Iterable[Finding]:
    """Whether there is somebody to ring when something could not be saved."""
    if not school.school.telephone:
        yield wrong("school.toml has no telephone number.", "Add telephone under [school]: people are told to ring it.")
    for role in (Role.HEADTEACHER, Role.DESIGNATED_SAFEGUARDING_LEAD):
        if not any(person.telephone for person in school.everyone().with_role(role)):
            yield note(f"No telephone number for the {role.label}.", "Add telephone to that person in school.toml.")


def check_folder(settings: Settings) -> Iterable[Finding]:
    """Whether the data folder can be written, and has room."""
    folder = settings.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".doctor"
        probe.write_text("ok", encoding="ascii")
        probe.unlink()
    except OSError as error:
        yield wrong(f"{folder} cannot be written ({error.strerror}).", "Give the user that runs Usher the right to write there.")
        return
    free = shutil.disk_usage(folder).free
    if free < FREE_BYTES:
        yield wrong(f"{folder} has only {free // 2**20} MiB free.", "Free some space: nothing can be saved without.")
    else:
        yield fine(f"{folder} can be written, with {free // 2**20} MiB free.")


def check_keys(settings: Settings, key_file: Path) -> Iterable[Finding]:
    """Whether the keys are where they should be, and only the bot can read them."""
    if settings.encryption_keys:
        yield fine(f"ENCRYPTION_KEYS holds {len(settings.encryption_keys)} key(s).")
    elif not key_file.exists():
        yield note("There is no encryption key yet.", f"The first start makes {key_file}: back it up, apart from the database.")
    elif stat.S_IMODE(key_file.stat().st_mode) & 0o077:
        yield wrong(f"{key_file} can be read by others.", f"Run: chmod 600 {key_file}")
    else:
        yield note(f"The encryption key is in {key_file}.", "Back it up apart from the database: without it nothing can be read.")


def check_store(settings: Settings) -> Iterable[Finding]:
    """Whether the database answers."""
    try:
        store = Store.ready(settings.database_url)
        store.beat("doctor")
        store.close()
    except UsherError:
        yield wrong("The database cannot be used.", "Check DATABASE_URL, that the server runs, and that the user may create tables.")
        return
    kind = "PostgreSQL" if settings.database_url.startswith("postgresql") else "SQLite"
    yield fine(f"The database ({kind}) can be read and written.")


def check_mail(settings: Settings) -> Iterable[Finding]:
    """Whether the mail server answers and takes the login."""
    if not settings.smtp_url:
        yield note("No mail server is set.", "Set SMTP_URL and MAIL_FROM: e-mail is the second way when chat is down.")
        return
    url = urlsplit(settings.smtp_url)
    host, secure = url.hostname or "", url.scheme == "smtps"
    port = url.port or (465 if secure else 25)
    try:
        kind = smtplib.SMTP_SSL if secure else smtplib.SMTP
        with kind(host, port, timeout=PATIENCE) as server:
            server.ehlo()
            if not secure and server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
            if url.username:
                server.login(unquote(url.username), unquote(url.password or ""))
    except (OSError, smtplib.SMTPException) as error:
        yield wrong(f"The mail server {host} did not accept us ({type(error).__name__}).", "Check SMTP_URL: name, port, user, password.")
        return
    yield fine(f"The mail server {host} accepts us.")


def check_trail(verify: Callable[[], str]) -> Iterable[Finding]:
    """Whether the audit trail is whole; `verify` returns the first bad entry in words, or nothing."""
    bad = verify()
    if bad:
        yield wrong(bad, "Keep a copy of the database as it is, and tell the chair of governors.")
    else:
        yield fine("The audit trail is whole.")
