"""What the station of a terminal of 2016 with one water and one heat meter has to answer, from
docs/access.md, docs/identifiers.md and DL/T 645-2007, in lines that share nothing with it."""
