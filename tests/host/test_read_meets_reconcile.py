"""What `sibiao read --csv` writes is what `sibiao reconcile` needs."""

from sibiao.reader import collect
from sibiao.reconcile import table


def test_every_column_is_written():
    assert set(table.COLLECTED) <= set(collect.COLUMNS)
