"""A share of the reads that `make bench` and `make soak` do on the 32-bit VM."""

import pytest
from sibiao.node.vm.binary import vm_binary

from tests.bench.small_words import heap_after_reads


@pytest.mark.vm
def test_reads_keep_no_memory():
    heap = heap_after_reads(vm_binary(), 1000)
    assert len(heap) == 10
    assert len(set(heap)) == 1, heap
