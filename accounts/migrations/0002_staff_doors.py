import unicodedata

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def fold_names(apps, schema_editor):
    """Login names are kept in the one form they are looked up by."""
    for staff in apps.get_model("accounts", "Staff").objects.all():
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", staff.username).casefold()).strip()
        if folded != staff.username:
            staff.username = folded
            staff.save(update_fields=["username"])


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.RunPython(fold_names, migrations.RunPython.noop),
        migrations.CreateModel(
            name='FormerPassword',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=128)),
                ('set_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ['-set_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Policy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password_length', models.PositiveSmallIntegerField(default=12, verbose_name='密码最短长度')),
                ('password_days', models.PositiveSmallIntegerField(default=90, verbose_name='密码有效天数')),
                ('password_history', models.PositiveSmallIntegerField(default=5, verbose_name='不得重复的历史密码数')),
                ('lock_failures', models.PositiveSmallIntegerField(default=5, verbose_name='连续失败几次后锁定')),
                ('lock_minutes', models.PositiveSmallIntegerField(default=30, verbose_name='锁定分钟数')),
                ('address_failures', models.PositiveSmallIntegerField(default=20, verbose_name='同一地址 10 分钟内允许失败次数')),
                ('idle_minutes', models.PositiveSmallIntegerField(default=15, verbose_name='无操作自动退出分钟数')),
                ('session_hours', models.PositiveSmallIntegerField(default=8, verbose_name='一次登录最长小时数')),
                ('dormant_days', models.PositiveSmallIntegerField(default=90, verbose_name='未登录停用天数')),
                ('networks', models.JSONField(blank=True, default=dict, verbose_name='各角色可登录的网段')),
                ('reason', models.CharField(max_length=200, verbose_name='变更原因')),
                ('proposed_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='提出时间')),
                ('decided_at', models.DateTimeField(editable=False, null=True, verbose_name='确认时间')),
                ('is_confirmed', models.BooleanField(default=False, editable=False, verbose_name='已生效')),
            ],
            options={
                'verbose_name': '安全策略',
                'verbose_name_plural': '安全策略',
                'ordering': ['-pk'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='role',
            name='a_role_is_for_management_or_for_business',
        ),
        migrations.AddField(
            model_name='staff',
            name='granted_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='授权人'),
        ),
        migrations.AddField(
            model_name='staff',
            name='must_change_password',
            field=models.BooleanField(default=False, editable=False, verbose_name='须修改密码'),
        ),
        migrations.AddField(
            model_name='staff',
            name='opened_at',
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='启用时间'),
        ),
        migrations.AddField(
            model_name='staff',
            name='password_set_at',
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='密码设置时间'),
        ),
        migrations.AddField(
            model_name='staff',
            name='sitting',
            field=models.CharField(blank=True, default='', editable=False, max_length=32),
        ),
        migrations.AlterField(
            model_name='role',
            name='duty',
            field=models.CharField(choices=[('management', '管理'), ('business', '业务'), ('none', '无')], max_length=16, verbose_name='职责类别'),
        ),
        migrations.AlterField(
            model_name='staff',
            name='username',
            field=models.CharField(max_length=64, unique=True, validators=[django.core.validators.RegexValidator('^[a-z0-9\\u4e00-\\u9fff][a-z0-9\\u4e00-\\u9fff._@-]*\\Z', '登录名只能使用英文字母、数字、汉字和 . _ - @，且以字母、数字或汉字开头。', code='username_invalid')], verbose_name='登录名'),
        ),
        migrations.AddConstraint(
            model_name='role',
            constraint=models.CheckConstraint(condition=models.Q(('duty__in', ['management', 'business', 'none'])), name='a_role_is_for_management_or_for_business'),
        ),
        migrations.AddConstraint(
            model_name='staff',
            constraint=models.CheckConstraint(condition=models.Q(('granted_by__isnull', True), models.Q(('granted_by', models.F('id')), _negated=True), _connector='OR'), name='nobody_grants_a_role_to_himself'),
        ),
        migrations.AddField(
            model_name='formerpassword',
            name='staff',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='former_passwords', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='policy',
            name='decided_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='确认人'),
        ),
        migrations.AddField(
            model_name='policy',
            name='proposed_by',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提出人'),
        ),
        migrations.AddConstraint(
            model_name='policy',
            constraint=models.CheckConstraint(condition=models.Q(('is_confirmed', False), models.Q(('decided_by__isnull', False), models.Q(('decided_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='security_settings_take_two_persons'),
        ),
        migrations.AddConstraint(
            model_name='policy',
            constraint=models.CheckConstraint(condition=models.Q(('password_length__gte', 8), ('password_days__range', (1, 90)), ('password_history__gte', 5), ('lock_failures__range', (3, 5)), ('lock_minutes__gte', 30), ('address_failures__range', (5, 100)), ('idle_minutes__range', (1, 30)), ('session_hours__range', (1, 12)), ('dormant_days__range', (7, 90))), name='security_settings_keep_to_the_floor'),
        ),
        migrations.AddConstraint(
            model_name='policy',
            constraint=models.UniqueConstraint(condition=models.Q(('decided_at__isnull', True)), fields=('is_confirmed',), name='one_proposal_waits_at_a_time'),
        ),
    ]
