"""The one error of reading a document."""


class DocumentError(Exception):
    """A document that cannot be read. The message is one sentence that says what is wrong and what to do."""
