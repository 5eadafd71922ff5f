"""The log as files that leave the platform: tables, reports, and bundles that prove themselves.

`services` asks, `tasks` is one line, `making` does; `tables`, `report` and audit.bundles each write one kind
of file.
"""
