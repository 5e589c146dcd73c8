"""A checked community as its device sees it: rows of constants, records, and what they cost."""
