from django.db import migrations

# Months are those of the reader's calendar. The new table is made apart and then attached: that lets writers to
# other months go on, and the time-out keeps a waiting ATTACH from holding up everybody queued behind it.
PARTITIONS = """
CREATE FUNCTION audit_make_event_partition(month date) RETURNS text LANGUAGE plpgsql
SET lock_timeout = '2s' AS $$
DECLARE
    first_day timestamp := date_trunc('month', month::timestamp);
    starts timestamptz := first_day AT TIME ZONE 'Asia/Shanghai';
    ends timestamptz := (first_day + interval '1 month') AT TIME ZONE 'Asia/Shanghai';
    name text := 'audit_event_' || to_char(first_day, 'YYYY_MM');
BEGIN
    LOCK TABLE audit_event IN SHARE UPDATE EXCLUSIVE MODE;
    IF to_regclass(name) IS NOT NULL THEN
        RETURN 'exists';
    END IF;
    -- Events that came before their month was made stay in the default partition: they cannot be moved.
    IF EXISTS (SELECT FROM audit_event_default WHERE at >= starts AND at < ends) THEN
        RETURN 'in default';
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE audit_event INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
    EXECUTE format('CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON %I
                    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change()', name);
    EXECUTE format('ALTER TABLE audit_event ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, starts, ends);
    RETURN 'made';
END $$;

SELECT audit_make_event_partition((now() AT TIME ZONE 'Asia/Shanghai' + make_interval(months => ahead))::date)
FROM generate_series(0, 3) AS ahead;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only")]

    operations = [migrations.RunSQL(PARTITIONS)]
