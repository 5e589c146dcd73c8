"""main.py of a generator: starts it. Ctrl-C ends it at the prompt, with every contact open."""

from generator import serve

serve.run()
