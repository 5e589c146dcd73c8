"""A record keeper in memory, all or nothing, that fails when told."""


class MemoryKeeper:
    def __init__(self, files=None):
        self.files = {} if files is None else files
        self.fails = None  # "before" or "after" the commit has become durable
        self.silent = False  # does not answer at all

    def load(self, name):
        if self.silent:
            raise OSError(5)
        return self.files.get(name)

    def commit(self, name, data):
        if self.silent or self.fails == "before":
            raise OSError(28)
        self.files[name] = bytes(data)
        if self.fails == "after":
            raise OSError(5)
