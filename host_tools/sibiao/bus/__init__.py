"""A live bus of meters: frames to it, whatever it answers, and what that says of the meters."""
