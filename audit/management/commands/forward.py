from __future__ import annotations

import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from audit.errors import ReceiverUnusable
from audit.forwarding import run
from audit.siem import FORMATS
from audit.syslog import Receiver


class Command(BaseCommand):
    help = "Sends sealed events to the SIEM that GOVVOICE_SIEM names, until it is stopped."

    # Evidence goes out even when a page or an address of the portal is broken.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SIEM:
            raise CommandError("GOVVOICE_SIEM 没有设置 (is not set): nothing to send to")
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            run(Receiver.parse(settings.SIEM, ca_file=settings.SIEM_CA), FORMATS[settings.SIEM_FORMAT])
        except ReceiverUnusable as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            return
