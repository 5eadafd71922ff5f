"""What is kept as evidence. Only `audit.services.record` writes events, only the sealer writes the rest."""

from __future__ import annotations

from uuid import uuid4

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length, Now
from django.db.models.lookups import Exact, LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from audit.fields import AddressField, CurrentTransaction, TransactionIdField

# The set of fields an event is sealed with (see audit.canonical). A new column means a new number, so that
# events written before it still yield the bytes they were sealed with.
SCHEMA = 2


class Event(models.Model):
    """One line of evidence. It is never changed or removed: a correction is a new event.

    People and things are copied, not linked: an event outlives them and still says what was true then.
    The table is partitioned by month of `at`; its primary key in the database is (id, at).
    """

    class Outcome(models.TextChoices):
        SUCCEEDED = "succeeded", _("成功")
        REFUSED = "refused", _("拒绝")
        FAILED = "failed", _("失败")

    class ActorKind(models.TextChoices):
        STAFF = "staff", _("工作人员")
        CLIENT = "client", _("接入系统")
        SYSTEM = "system", _("系统")
        ANONYMOUS = "anonymous", _("未识别")

    id = models.BigAutoField(_("编号"), primary_key=True)
    schema = models.SmallIntegerField(_("结构版本"), default=SCHEMA)
    at = models.DateTimeField(_("时间"), db_default=Now(), editable=False)
    # The sealer's gate: ids are handed out before commit, so only this tells which rows may still appear.
    xid = TransactionIdField(_("事务号"), db_default=CurrentTransaction(), editable=False)
    # Goes into the hash of the personal fields, so that nobody can guess a name or an address out of it.
    salt = models.UUIDField(_("盐值"), default=uuid4, editable=False)

    action = models.CharField(_("操作"), max_length=64)
    outcome = models.CharField(_("结果"), max_length=16, choices=Outcome)
    code = models.CharField(_("原因代码"), max_length=64, blank=True)
    status = models.SmallIntegerField(_("HTTP 状态"), null=True, blank=True)

    actor_kind = models.CharField(_("操作者类型"), max_length=16, choices=ActorKind)
    actor_id = models.CharField(_("操作者编号"), max_length=100, blank=True)
    actor_name = models.CharField(_("操作者"), max_length=200, blank=True)
    actor_role = models.CharField(_("角色"), max_length=100, blank=True)
    organisation = models.CharField(_("单位"), max_length=200, blank=True)
    auth_method = models.CharField(_("鉴别方式"), max_length=32, blank=True)
    # A mark that is the same for all that one sitting, token or key did; it opens nothing.
    session = models.CharField(_("会话标记"), max_length=64, blank=True)

    object_type = models.CharField(_("对象类型"), max_length=64, blank=True)
    object_id = models.CharField(_("对象编号"), max_length=100, blank=True)
    object_name = models.CharField(_("对象"), max_length=200, blank=True)

    address = AddressField(_("来源地址"), null=True, blank=True)
    peer_address = AddressField(_("直连地址"), null=True, blank=True)
    forwarded_for = models.CharField(_("转发标头原文"), max_length=1000, blank=True)
    user_agent = models.CharField(_("客户端软件"), max_length=500, blank=True)
    request_id = models.CharField(_("请求编号"), max_length=64, blank=True)

    text_sha256 = models.CharField(_("文本摘要"), max_length=64, blank=True)
    characters = models.IntegerField(_("字数"), null=True, blank=True)
    # The text itself under the key of its month, see audit.texts; the leaf covers only the hash beside it.
    sealed_text = models.BinaryField(_("加密文本"), null=True, blank=True)
    sealed_sha256 = models.CharField(_("加密文本摘要"), max_length=64, blank=True)
    details = models.JSONField(_("详情"), default=dict, blank=True)

    class Meta:
        verbose_name = _("审计事件")
        verbose_name_plural = _("审计日志")
        default_permissions = ("view",)
        permissions = [("export_event", _("导出审计日志")), ("reveal_event", _("查看审计事件原文"))]
        ordering = ["-at", "-id"]
        # The table's own rules stand in the trigger that dates an event, see migration 0010.
        indexes = [
            # The list, newest first, walks along this one; a count over a quarter reads the BRIN's blocks.
            models.Index(fields=["at", "id"], name="audit_event_at"),
            BrinIndex(fields=["at"], name="audit_event_at_brin"),
            models.Index(fields=["action", "at"], name="audit_event_action"),
            models.Index(fields=["actor_id", "at"], name="audit_event_actor"),
            models.Index(fields=["object_id", "object_type", "at"], name="audit_event_object"),
            models.Index(fields=["request_id"], name="audit_event_request"),
            models.Index(fields=["address"], name="audit_event_address"),
            models.Index(fields=["xid", "id"], name="audit_event_xid"),
        ]


# The columns a writer fills; the right to add events reaches no other.
GIVEN_BY_WRITER = tuple(
    str(field.column) for field in Event._meta.fields if field.column not in {"id", "at", "xid"}
)


class Leaf(models.Model):
    """The hashes of one event and its place in both trees (RFC 6962), counted from 0 without a gap."""

    seq = models.BigIntegerField(_("序号"), primary_key=True)
    # Not a foreign key: the leaf stays when the month of its event goes to the archive.
    event_id = models.BigIntegerField(_("事件编号"), unique=True)
    sha256 = models.BinaryField(_("叶哈希（SHA-256）"))
    sm3 = models.BinaryField(_("叶哈希（SM3）"))

    class Meta:
        verbose_name = _("封存记录")
        verbose_name_plural = _("封存记录")
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(name="leaves are counted from zero", condition=Q(seq__gte=0)),
            models.CheckConstraint(
                name="a leaf's hashes are whole",
                condition=Q(Exact(Length("sha256"), 32), Exact(Length("sm3"), 32)),
            ),
        ]


class TreeHead(models.Model):
    """A signed summary of the first `size` leaves. Heads are chained: each names the hash of the one before.

    What is signed is `audit.canonical.head_bytes`; `signatures` is a list of
    {"key_id", "algorithm": "ed25519" or "sm2", "signature": hex}.
    """

    number = models.BigIntegerField(_("序号"), primary_key=True)
    schema = models.SmallIntegerField(_("结构版本"), default=2)
    at = models.DateTimeField(_("时间"), editable=False)
    origin = models.CharField(_("日志名称"), max_length=100)
    size = models.BigIntegerField(_("已封存事件数"))
    root_sha256 = models.BinaryField(_("根哈希（SHA-256）"))
    root_sm3 = models.BinaryField(_("根哈希（SM3）"))
    previous = models.BinaryField(_("上一树头哈希"))
    # The hashes of the perfect subtrees that `size` falls into, so that the sealer goes on without a rehash.
    frontier_sha256 = models.BinaryField(_("前沿（SHA-256）"))
    frontier_sm3 = models.BinaryField(_("前沿（SM3）"))
    signatures = models.JSONField(_("签名"))

    class Meta:
        verbose_name = _("树头")
        verbose_name_plural = _("树头")
        default_permissions = ("view",)
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(name="a tree head has one successor", fields=["previous"]),
            models.CheckConstraint(
                name="tree heads are counted from zero", condition=Q(number__gte=0, size__gte=0)
            ),
        ]


class SealKey(models.Model):
    """A public key that heads and manifests have been signed with, since when."""

    key_id = models.CharField(_("密钥编号"), max_length=16, primary_key=True)
    algorithm = models.CharField(_("签名算法"), max_length=16)
    public = models.BinaryField(_("公钥"))  # SubjectPublicKeyInfo, DER
    since = models.DateTimeField(_("启用时间"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("封存公钥")
        verbose_name_plural = _("封存公钥")
        default_permissions = ("view",)
        ordering = ["since", "key_id"]


class Manifest(models.Model):
    """The contents of an export, archive or report, put before the sealer, who signs it; kept for ever.

    What is signed is `audit.canonical.manifest_bytes`: that of `body`, the manifest in RFC 8785 JSON.
    """

    class Kind(models.TextChoices):
        EXPORT = "export", _("导出")
        ARCHIVE = "archive", _("归档")
        REPORT = "report", _("报告")

    id = models.BigAutoField(_("编号"), primary_key=True)
    at = models.DateTimeField(_("时间"), db_default=Now(), editable=False)
    kind = models.CharField(_("类型"), max_length=16, choices=Kind)
    body = models.BinaryField(_("清单"))
    sha256 = models.CharField(_("清单摘要"), max_length=64)
    # As in a head; null until it is signed, empty when the sealer refused to.
    signatures = models.JSONField(_("签名"), null=True)

    class Meta:
        verbose_name = _("签名清单")
        verbose_name_plural = _("签名清单")
        default_permissions = ("view",)
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="a manifest is of a known kind", condition=Q(kind__in=["export", "archive", "report"])
            ),
            # The sealer reads it whole.
            models.CheckConstraint(
                name="a manifest is no larger than a mebibyte",
                condition=LessThanOrEqual(Length("body"), 2**20),
            ),
        ]


class Heartbeat(models.Model):
    """The one row the sealer keeps fresh while it works; no evidence, only the pulse that /ready feels."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField(_("时间"), db_default=Now())
    sealed_below = TransactionIdField(_("此事务号以下均已封存"))

    class Meta:
        verbose_name = _("封存进程心跳")
        verbose_name_plural = _("封存进程心跳")
        default_permissions = ()
        constraints = [models.CheckConstraint(name="there is one heartbeat", condition=Q(id=1))]


class ForwardCursor(models.Model):
    """How far the events have got on their way to one receiver (SIEM)."""

    receiver = models.CharField(_("接收端"), max_length=300, primary_key=True)
    next = models.BigIntegerField(_("下一序号"))
    at = models.DateTimeField(_("时间"), auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = _("转发进度")
        default_permissions = ()


class Archive(models.Model):
    """A closed month of events as one verified file in the object store.

    Its events may leave the database afterwards (`detached_at`); their leaves stay.
    """

    month = models.DateField(_("月份"), primary_key=True)
    at = models.DateTimeField(_("归档时间"), db_default=Now(), editable=False)
    rows = models.BigIntegerField(_("条数"))
    # Of the month's events: [[first, last], ...], both inclusive. Events around midnight may be sealed in
    # another order than they are dated, so that two months can interleave.
    ranges = models.JSONField(_("序号范围"))
    name = models.CharField(_("文件"), max_length=200)
    bytes = models.BigIntegerField(_("字节数"))
    sha256 = models.CharField(_("文件摘要"), max_length=64)
    detached_at = models.DateTimeField(_("移出在线库时间"), null=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("审计归档")
        default_permissions = ("view",)
        ordering = ["-month"]


class Hold(models.Model):
    """A word on a month's legal hold (法律保全); the newest of a month counts. Never changed or removed."""

    class Kind(models.TextChoices):
        HOLD = "hold", _("保全")
        LIFT = "lift", _("解除保全")

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(_("时间"), db_default=Now(), editable=False)
    kind = models.CharField(_("类型"), max_length=8, choices=Kind)
    month = models.DateField(_("月份"))
    reason = models.CharField(_("理由"), max_length=500)
    by = models.CharField(_("操作者"), max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = _("法律保全")
        default_permissions = ("view",)
        permissions = [("set_hold", _("设置法律保全"))]
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="a hold is set or lifted", condition=Q(kind__in=["hold", "lift"])),
            models.CheckConstraint(name="a hold has a reason", condition=~Q(reason="")),
        ]


class TextKey(models.Model):
    """The key of one month's texts, itself sealed under the deployment's keys (audit.sealed).

    Destroyed is for ever: the row then says only when. Months are those of Shanghai's calendar.
    """

    month = models.CharField(_("月份"), max_length=7, primary_key=True)  # 2026-11
    algorithm = models.CharField(_("算法"), max_length=8)
    sealed_key = models.CharField(_("加密的密钥"), max_length=200, blank=True)
    made_at = models.DateTimeField(_("生成时间"), db_default=Now(), editable=False)
    destroyed_at = models.DateTimeField(_("销毁时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("审计文本密钥")
        verbose_name_plural = _("审计文本密钥")
        ordering = ["-month"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="a text key is there or destroyed",
                condition=(Q(destroyed_at__isnull=True) & ~Q(sealed_key=""))
                | Q(destroyed_at__isnull=False, sealed_key=""),
            ),
            models.CheckConstraint(
                name="a text key is of a month", condition=Q(month__regex=r"^[0-9]{4}-(0[1-9]|1[0-2])$")
            ),
        ]
