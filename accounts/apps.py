from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    label = "accounts"
    verbose_name = _("接入管理")

    def ready(self) -> None:
        from audit.actions import register

        register("staff.changed", _("修改账号"))
        register("staff.disabled", _("停用账号"))
        register("staff.password_changed", _("修改密码"))
        register("staff.password_reset", _("重置密码"))
        register("staff.unlocked", _("解除登录锁定"))
        register("role.granted", _("授予角色"))
        register("policy.proposed", _("提出安全策略变更"))
        register("policy.confirmed", _("确认安全策略变更"))
        register("policy.dropped", _("放弃安全策略变更"))
        register("auth.locked", _("登录被锁定"))
        register("auth.ended", _("会话结束"))
        register("organisation.created", _("新建部门"))
        register("organisation.changed", _("修改部门"))

        register("access_key.issued", _("签发 AccessKey"))
        register("access_key.revoked", _("吊销 AccessKey"))
        register("token.issued", _("签发令牌"))
        register("token.revoked", _("吊销令牌"))
        register("token.all_revoked", _("吊销全部令牌"))
        register("signing_key.changed", _("更换令牌签名密钥"))

        register("webhook.changed", _("设置通知地址"))
        register("webhook.removed", _("移除通知地址"))
        register("notice.delivered", _("通知已送达"))
        register("notice.given_up", _("通知未能送达"))

        register("factor.added", _("添加第二因素"))
        register("factor.removed", _("移除第二因素"))
        register("factor.reset", _("清除他人的第二因素"))
        register("factor.codes_made", _("生成恢复码"))

        # Connects login and logout to the evidence log, and `check --deploy` to what it must not pass over.
        from accounts import checks, signals  # noqa: F401
