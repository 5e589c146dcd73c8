# Does nothing, on purpose: a soft reset, as every tool makes one, runs this file too, and a soft
# reset must neither use up a trial start nor start the application. main.py chooses the slot.
