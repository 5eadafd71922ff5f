"""`python -m tests.audit.restored`: what a sealer makes of a database restored from a dump; as JSON."""

from __future__ import annotations

import json
import sys

import django


def main() -> None:
    django.setup()
    from django.db import connection
    from django.db.models import Max

    from audit.models import Event, Leaf, TreeHead
    from audit.sealer import Sealer
    from audit.verification import verify
    from audit.watch import sealing
    from tests.audit.cast import committed
    from tests.audit.sealing import assert_whole

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text")
        transaction = int(cursor.fetchone()[0])
    found = {
        "transaction": transaction,
        "newest_restored": Event.objects.aggregate(most=Max("xid"))["most"],
        "leaves_before": Leaf.objects.count(),
        "heads_before": TreeHead.objects.count(),
    }
    sealer = Sealer()
    first = sealer.seal_pending()
    ours = [committed().id for _ in range(3)]
    second = sealer.seal_pending()
    sealer.publish_head()
    sealer._beat()
    assert_whole()
    outcome = verify()
    sys.stdout.write(
        json.dumps(
            {
                **found,
                "sealed_first": first,
                "sealed_then": second,
                "last": list(Leaf.objects.order_by("-seq").values_list("event_id", flat=True)[:3])[::-1]
                == ours,
                "heads": TreeHead.objects.count(),
                "findings": [finding.as_details() for finding in outcome.findings],
                "lag": str(sealing().lag),
            }
        )
    )


if __name__ == "__main__":
    main()
