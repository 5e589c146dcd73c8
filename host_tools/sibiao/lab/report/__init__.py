"""A run for people and for programs, and what its folder keeps."""
