"""The shipped steps by clause of DB37/T 5104: ordinary tests with the bench's fixtures."""
