"""What the voices are like, measured: `make measure` (python -m benchmarks.voices)."""
