"""The sign that stands before a verdict, the same in every chat product; the words beside it say the same."""

from __future__ import annotations

from bot.cards import Tone

SIGNS = {
    Tone.YES: "✅",
    Tone.NO: "⛔",
    Tone.DEPENDS: "🟠",
    Tone.REPORT: "📣",
    Tone.INFO: "ℹ️",
    Tone.NOT_COVERED: "❓",
    Tone.URGENT: "🚨",
    Tone.PLAIN: "💬",
}
