import django.db.models.functions.datetime
import django.db.models.functions.text
import django.db.models.lookups
from django.db import migrations, models

# A manifest gets its signatures once; nothing else of it ever changes.
APPEND_ONLY = """
CREATE FUNCTION audit_sign_manifest_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.signatures IS NOT NULL OR NEW.signatures IS NULL
        OR (NEW.id, NEW.at, NEW.kind, NEW.body, NEW.sha256) IS DISTINCT FROM
           (OLD.id, OLD.at, OLD.kind, OLD.body, OLD.sha256) THEN
        RAISE EXCEPTION 'UPDATE on audit_manifest refused: a manifest is signed once and never changed'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER audit_leaf_append_only BEFORE UPDATE OR DELETE ON audit_leaf
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_treehead_append_only BEFORE UPDATE OR DELETE ON audit_treehead
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_sealkey_append_only BEFORE UPDATE OR DELETE ON audit_sealkey
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_manifest_signed_once BEFORE UPDATE ON audit_manifest
    FOR EACH ROW EXECUTE FUNCTION audit_sign_manifest_once();
CREATE TRIGGER audit_manifest_append_only BEFORE DELETE ON audit_manifest
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();

CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit_leaf
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit_treehead
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit_sealkey
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit_manifest
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
"""


class Migration(migrations.Migration):

    dependencies = [("audit", "0004_what_an_event_says_since_schema_2")]

    operations = [
        # Leaves and heads until now were of one hash function and unsigned: they go, and the sealer, which looks
        # for events without a leaf when it starts, seals every event anew.
        migrations.DeleteModel("Leaf"),
        migrations.DeleteModel("TreeHead"),
        migrations.CreateModel(
            name='Leaf',
            fields=[
                ('seq', models.BigIntegerField(primary_key=True, serialize=False, verbose_name='序号')),
                ('event_id', models.BigIntegerField(unique=True, verbose_name='事件编号')),
                ('sha256', models.BinaryField(verbose_name='叶哈希（SHA-256）')),
                ('sm3', models.BinaryField(verbose_name='叶哈希（SM3）')),
            ],
            options={
                'verbose_name': '封存记录',
                'verbose_name_plural': '封存记录',
                'default_permissions': ('view',),
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('seq__gte', 0)), name='leaves are counted from zero'),
                    models.CheckConstraint(condition=models.Q(django.db.models.lookups.Exact(django.db.models.functions.text.Length('sha256'), 32), django.db.models.lookups.Exact(django.db.models.functions.text.Length('sm3'), 32)), name="a leaf's hashes are whole"),
                ],
            },
        ),
        migrations.CreateModel(
            name='TreeHead',
            fields=[
                ('number', models.BigIntegerField(primary_key=True, serialize=False, verbose_name='序号')),
                ('schema', models.SmallIntegerField(default=2, verbose_name='结构版本')),
                ('at', models.DateTimeField(editable=False, verbose_name='时间')),
                ('origin', models.CharField(max_length=100, verbose_name='日志名称')),
                ('size', models.BigIntegerField(verbose_name='已封存事件数')),
                ('root_sha256', models.BinaryField(verbose_name='根哈希（SHA-256）')),
                ('root_sm3', models.BinaryField(verbose_name='根哈希（SM3）')),
                ('previous', models.BinaryField(verbose_name='上一树头哈希')),
                ('frontier_sha256', models.BinaryField(verbose_name='前沿（SHA-256）')),
                ('frontier_sm3', models.BinaryField(verbose_name='前沿（SM3）')),
                ('signatures', models.JSONField(verbose_name='签名')),
            ],
            options={
                'verbose_name': '树头',
                'verbose_name_plural': '树头',
                'ordering': ['-number'],
                'default_permissions': ('view',),
                'constraints': [
                    models.UniqueConstraint(fields=('previous',), name='a tree head has one successor'),
                    models.CheckConstraint(condition=models.Q(('number__gte', 0), ('size__gte', 0)), name='tree heads are counted from zero'),
                ],
            },
        ),
        migrations.CreateModel(
            name='SealKey',
            fields=[
                ('key_id', models.CharField(max_length=16, primary_key=True, serialize=False, verbose_name='密钥编号')),
                ('algorithm', models.CharField(max_length=16, verbose_name='签名算法')),
                ('public', models.BinaryField(verbose_name='公钥')),
                ('since', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='启用时间')),
            ],
            options={
                'verbose_name': '封存公钥',
                'verbose_name_plural': '封存公钥',
                'ordering': ['since', 'key_id'],
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='Manifest',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False, verbose_name='编号')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='时间')),
                ('kind', models.CharField(choices=[('export', '导出'), ('archive', '归档'), ('report', '报告')], max_length=16, verbose_name='类型')),
                ('body', models.BinaryField(verbose_name='清单')),
                ('sha256', models.CharField(max_length=64, verbose_name='清单摘要')),
                ('signatures', models.JSONField(null=True, verbose_name='签名')),
            ],
            options={
                'verbose_name': '签名清单',
                'verbose_name_plural': '签名清单',
                'ordering': ['-id'],
                'default_permissions': ('view',),
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('kind__in', ['export', 'archive', 'report'])), name='a manifest is of a known kind'),
                    models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('body'), 1048576), name='a manifest is no larger than a mebibyte'),
                ],
            },
        ),
        migrations.RunSQL(APPEND_ONLY),
    ]
