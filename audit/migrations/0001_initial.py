import audit.fields
import django.contrib.postgres.indexes
import django.db.models.functions.datetime
from django.db import migrations, models


# GENERATED ALWAYS: nobody chooses an id. The primary key has to hold the partition key.
EVENT_TABLE = """
CREATE TABLE audit_event (
    id bigint GENERATED ALWAYS AS IDENTITY,
    schema smallint NOT NULL,
    at timestamptz NOT NULL DEFAULT statement_timestamp(),
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    action varchar(64) NOT NULL,
    outcome varchar(16) NOT NULL,
    code varchar(64) NOT NULL,
    status smallint,
    actor_kind varchar(16) NOT NULL,
    actor_id varchar(100) NOT NULL,
    actor_name varchar(200) NOT NULL,
    actor_role varchar(100) NOT NULL,
    organisation varchar(200) NOT NULL,
    object_type varchar(64) NOT NULL,
    object_id varchar(100) NOT NULL,
    object_name varchar(200) NOT NULL,
    address inet,
    peer_address inet,
    forwarded_for varchar(1000) NOT NULL,
    user_agent varchar(500) NOT NULL,
    request_id varchar(64) NOT NULL,
    text_sha256 varchar(64) NOT NULL,
    characters integer,
    details jsonb NOT NULL,
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);

-- Catches what no month was made for, so that evidence never fails for want of a partition.
CREATE TABLE audit_event_default PARTITION OF audit_event DEFAULT;
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        # Django makes no partitioned tables: the table is made here, what hangs on it below by Django as usual.
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(EVENT_TABLE, "DROP TABLE audit_event")],
            state_operations=[
                migrations.CreateModel(
                    name='Event',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False, verbose_name='编号')),
                        ('schema', models.SmallIntegerField(default=1, verbose_name='结构版本')),
                        ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='时间')),
                        ('xid', audit.fields.TransactionIdField(db_default=audit.fields.CurrentTransaction(), editable=False, verbose_name='事务号')),
                        ('action', models.CharField(max_length=64, verbose_name='操作')),
                        ('outcome', models.CharField(choices=[('succeeded', '成功'), ('refused', '拒绝'), ('failed', '失败')], max_length=16, verbose_name='结果')),
                        ('code', models.CharField(blank=True, max_length=64, verbose_name='原因代码')),
                        ('status', models.SmallIntegerField(blank=True, null=True, verbose_name='HTTP 状态')),
                        ('actor_kind', models.CharField(choices=[('staff', '工作人员'), ('client', '接入系统'), ('system', '系统'), ('anonymous', '未识别')], max_length=16, verbose_name='操作者类型')),
                        ('actor_id', models.CharField(blank=True, max_length=100, verbose_name='操作者编号')),
                        ('actor_name', models.CharField(blank=True, max_length=200, verbose_name='操作者')),
                        ('actor_role', models.CharField(blank=True, max_length=100, verbose_name='角色')),
                        ('organisation', models.CharField(blank=True, max_length=200, verbose_name='单位')),
                        ('object_type', models.CharField(blank=True, max_length=64, verbose_name='对象类型')),
                        ('object_id', models.CharField(blank=True, max_length=100, verbose_name='对象编号')),
                        ('object_name', models.CharField(blank=True, max_length=200, verbose_name='对象')),
                        ('address', audit.fields.AddressField(blank=True, null=True, verbose_name='来源地址')),
                        ('peer_address', audit.fields.AddressField(blank=True, null=True, verbose_name='直连地址')),
                        ('forwarded_for', models.CharField(blank=True, max_length=1000, verbose_name='转发标头原文')),
                        ('user_agent', models.CharField(blank=True, max_length=500, verbose_name='客户端软件')),
                        ('request_id', models.CharField(blank=True, max_length=64, verbose_name='请求编号')),
                        ('text_sha256', models.CharField(blank=True, max_length=64, verbose_name='文本摘要')),
                        ('characters', models.IntegerField(blank=True, null=True, verbose_name='字数')),
                        ('details', models.JSONField(blank=True, default=dict, verbose_name='详情')),
                    ],
                    options={
                        'verbose_name': '审计事件',
                        'verbose_name_plural': '审计日志',
                        'ordering': ['-at', '-id'],
                        'permissions': [('export_event', '导出审计日志')],
                        'default_permissions': ('view',),
                    },
                ),
            ],
        ),
        migrations.AddConstraint('event', models.CheckConstraint(condition=models.Q(('outcome__in', ['succeeded', 'refused', 'failed'])), name="an event's outcome is known")),
        migrations.AddConstraint('event', models.CheckConstraint(condition=models.Q(('actor_kind__in', ['staff', 'client', 'system', 'anonymous'])), name="an event's actor is of a known kind")),
        migrations.AddConstraint('event', models.CheckConstraint(condition=models.Q(('action__regex', '^[a-z_]+(\\.[a-z_]+)+$')), name="an event's action is dotted")),
        migrations.AddConstraint('event', models.CheckConstraint(condition=models.Q(('status__isnull', True), models.Q(('status__gte', 100), ('status__lte', 599)), _connector='OR'), name="an event's status is one of HTTP")),
        migrations.AddConstraint('event', models.CheckConstraint(condition=models.Q(models.Q(('characters__isnull', True), ('text_sha256', '')), models.Q(('characters__gte', 0), ('characters__isnull', False), ('text_sha256__regex', '^[0-9a-f]{64}$')), _connector='OR'), name="an event has a text's hash and length, or neither")),
        migrations.AddIndex('event', models.Index(fields=['at', 'id'], name='audit_event_at')),
        migrations.AddIndex('event', django.contrib.postgres.indexes.BrinIndex(fields=['at'], name='audit_event_at_brin')),
        migrations.AddIndex('event', models.Index(fields=['action', 'at'], name='audit_event_action')),
        migrations.AddIndex('event', models.Index(fields=['actor_id', 'at'], name='audit_event_actor')),
        migrations.AddIndex('event', models.Index(fields=['object_id', 'object_type', 'at'], name='audit_event_object')),
        migrations.AddIndex('event', models.Index(fields=['request_id'], name='audit_event_request')),
        migrations.AddIndex('event', models.Index(fields=['xid', 'id'], name='audit_event_xid')),
        migrations.CreateModel(
            name='Heartbeat',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='时间')),
                ('sealed_below', audit.fields.TransactionIdField(verbose_name='此事务号以下均已封存')),
            ],
            options={
                'verbose_name': '封存进程心跳',
                'verbose_name_plural': '封存进程心跳',
                'default_permissions': (),
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='there is one heartbeat')],
            },
        ),
        migrations.CreateModel(
            name='Leaf',
            fields=[
                ('seq', models.BigIntegerField(primary_key=True, serialize=False, verbose_name='序号')),
                ('event_id', models.BigIntegerField(unique=True, verbose_name='事件编号')),
                ('hash', models.BinaryField(verbose_name='叶哈希')),
            ],
            options={
                'verbose_name': '封存记录',
                'verbose_name_plural': '封存记录',
                'default_permissions': ('view',),
                'constraints': [models.CheckConstraint(condition=models.Q(('seq__gte', 0)), name='leaves are counted from zero')],
            },
        ),
        migrations.CreateModel(
            name='TreeHead',
            fields=[
                ('number', models.BigIntegerField(primary_key=True, serialize=False, verbose_name='序号')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='时间')),
                ('size', models.BigIntegerField(verbose_name='已封存事件数')),
                ('algorithm', models.CharField(max_length=16, verbose_name='哈希算法')),
                ('root', models.BinaryField(verbose_name='根哈希')),
                ('previous', models.BinaryField(verbose_name='上一树头哈希')),
                ('frontier', models.BinaryField(verbose_name='前沿')),
            ],
            options={
                'verbose_name': '树头',
                'verbose_name_plural': '树头',
                'ordering': ['-number'],
                'default_permissions': ('view',),
                'constraints': [models.UniqueConstraint(fields=('previous',), name='a tree head has one successor'), models.CheckConstraint(condition=models.Q(('number__gte', 0), ('size__gte', 0)), name='tree heads are counted from zero')],
            },
        ),
    ]
