"""What belongs to the page and not to the policy: running headers and footers, page numbers, the list of contents."""

import re

_PAGE = re.compile(r"[-–—\s|]*(?:page|p\.|pg\.?)\s*\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?[-–—\s|.]*$", re.IGNORECASE)
_DASHED = re.compile(r"[-–—|]\s*\d{1,3}\s*[-–—|]$")


def without_furniture(text: str) -> tuple[list[str], list[str]]:
    """The lines of the body, and the lines that were left out."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines, []
