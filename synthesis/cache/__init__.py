"""Sound that was made before: in this process (L1), in Valkey (L2), and in the making elsewhere (flight)."""
