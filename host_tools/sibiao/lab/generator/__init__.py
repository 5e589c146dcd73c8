"""A second Pico that plays pulse trains."""
