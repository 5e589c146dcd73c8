"""What a person types at the console, as the node takes it."""

from converter.model import calendar


def seconds(text):
    # Since 2000, of YYYY-MM-DDThh:mm:ss; ValueError where there is no such time.
    date, clock = text.split("T")
    found = calendar.to_seconds(*[int(part) for part in date.split("-") + clock.split(":")])
    if found is None:
        raise ValueError
    return found
