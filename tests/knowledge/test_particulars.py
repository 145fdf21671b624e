"""What the report form is filled in with, from somebody's words."""

from __future__ import annotations

import pytest

from knowledge.particulars import Particulars, particulars


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (
            "A parent has posted about me on FB last night, https://facebook.com/groups/abc.",
            Particulars("Facebook", "https://facebook.com/groups/abc", "last night", ("parent",), ("me",)),
        ),
        ("One of my year 6s made a TikTok mocking our TA yesterday", Particulars("TikTok", "", "yesterday", ("pupil",), ("colleague",))),
        ("our TA is messaging a year 5 girl on snapchat", Particulars("Snapchat", "", "", ("staff",), ("pupil",))),
        ("Someone's set up a fake insta account in my name", Particulars("Instagram", "", "", ("unknown",), ("me",))),
        ("a bloke from the village keeps slating the school on Nextdoor", Particulars("Nextdoor", "", "", ("public",), ("school",))),
        ("A member of the public tweeted abuse at @harwellwatch", Particulars("Twitter (X)", "@harwellwatch", "", ("public",), ())),
        ("two boys in my class were sent nudes on Discord over the weekend", Particulars("Discord", "", "over the weekend")),
        ("I lost the class laptop on the bus this morning", Particulars(noticed="this morning")),
        ("the weather was lovely", Particulars()),
    ],
)
def test_what_is_told_plainly(words: str, wanted: Particulars) -> None:
    assert particulars(words) == wanted


def test_who_passes_it_on_is_not_who_did_it() -> None:
    assert particulars("my TA showed me a message from a mum saying she will smash my face in").done_by == ("parent",)
    assert particulars("Our site manager said a parent was rude to him online").done_by == ("parent",)


def test_my_own_slip_names_nobody_else() -> None:
    assert particulars("I sent the medical list to the wrong parent").done_by == ()
