"""A voice for tests: one tone a syllable."""
