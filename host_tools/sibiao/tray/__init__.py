"""Many boards at once: which unit each is, one worker a port, a verdict and a ledger row each."""
