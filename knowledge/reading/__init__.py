"""How a document's text is taken apart: labels, headings, page furniture, and the facts that it states about itself."""
