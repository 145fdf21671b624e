"""What the bot needs of Slack's account of a user."""

from __future__ import annotations

from dataclasses import dataclass

from bot.channels.slack.limits import Json


@dataclass(frozen=True)
class Profile:
    """What Slack tells of a user. `here`: a person of this workspace, no bot and not of another organisation. `guest`: a limited one."""

    name: str
    email: str
    here: bool
    admin: bool
    guest: bool = False


def as_profile(user: Json, ours: frozenset[str]) -> Profile:
    """Slack's user object as what the bot needs of it. `ours`: the ids of our own workspace and organisation.

    In a channel that is shared with another organisation its people are users, too, with e-mail addresses of their choosing.
    """
    theirs = {str(user.get("team_id") or ""), str((user.get("enterprise_user") or {}).get("enterprise_id") or "")}
    card = user.get("profile", {})
    name = card.get("real_name") or user.get("real_name") or card.get("display_name") or user.get("name") or "Someone"
    here = bool(theirs & ours) and not (
        user.get("deleted") or user.get("is_bot") or user.get("is_stranger") or user.get("id") == "USLACKBOT"
    )
    grid = user.get("enterprise_user") or {}  # whoever owns the organisation can see into each of its workspaces
    rights = (*(user.get(one) for one in ("is_admin", "is_owner", "is_primary_owner")), grid.get("is_admin"), grid.get("is_owner"))
    admin = any(rights)
    guest = bool(user.get("is_restricted") or user.get("is_ultra_restricted"))
    return Profile(str(name), str(card.get("email") or ""), here, admin, guest)
