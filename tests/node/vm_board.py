"""What a board on the VM prints, gathered until a word comes."""

S = 1_000_000_000


class Printed:
    """Gathers the console; `until(text)` waits for it."""

    def __init__(self, node):
        self.node = node
        self.text = ""

    def until(self, text, limit_ns=5 * S):
        def done():
            self.text += self.node.console_read().decode()
            return text in self.text

        assert self.node.run_until(done, limit_ns), f"{text!r} not in {self.text!r}"
        seen, _, self.text = self.text.partition(text)
        return seen + text
