"""Every way a telegram can arrive: what a framer must make of each."""


def arrive(framer, data, chunk, idle=True):
    # Feed data in chunks; the frames found, as bytes; then once more when the line has gone quiet.
    frames = []
    at = 0
    while at < len(data):
        room = framer.get_buffer()
        n = min(chunk, len(data) - at, len(room))
        room[:n] = data[at : at + n]
        framer.buffer_updated(n)
        at += n
        while True:
            frame = framer.next_frame(False)
            if frame is None:
                break
            frames.append(bytes(frame))
    if idle:
        while True:
            frame = framer.next_frame(True)
            if frame is None:
                break
            frames.append(bytes(frame))
    return frames


def flipped(data):
    # The telegram with each of its bits wrong in turn.
    for i in range(len(data)):
        for bit in range(8):
            spoilt = bytearray(data)
            spoilt[i] ^= 1 << bit
            yield bytes(spoilt)
