from django.db import migrations

# The application writes archives down; that one's events are gone is the owner's function's to say.
STAYS_FIRST = """
CREATE FUNCTION audit_require_online() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.detached_at IS NOT NULL THEN
        RAISE EXCEPTION 'a month is archived while it is in the database'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER audit_archive_is_made_online BEFORE INSERT ON audit_archive
    FOR EACH ROW EXECUTE FUNCTION audit_require_online();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0008_texts_under_the_key_of_their_month")]

    operations = [migrations.RunSQL(STAYS_FIRST)]
