"""The sheet of a community: what an installer takes to the site and a laboratory to the bench."""
