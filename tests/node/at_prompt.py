"""A node at its prompt: code run there, whatever kind of node it is."""

from sibiao.node.pico.rawrepl import RawRepl

from tests.node.asking import S


def run(node, code):
    """What the code printed, on a node of either kind."""
    return RawRepl(node).execute(code, 60 * S)
