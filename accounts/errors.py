"""Why a caller is turned away. The doors translate these once (govvoice.api.errors)."""

from __future__ import annotations

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class AccessError(Exception):
    """The caller is unknown, or may not do this from here."""

    status: ClassVar[int] = 403
    code: ClassVar[str] = "forbidden"
    message: ClassVar[Promise | str] = _("无权访问。")


class KeyMissing(AccessError):
    status = 401
    code = "key_missing"
    message = _("请求缺少密钥：请在 Authorization 头中以 Bearer 方式提供。")


class KeyInvalid(AccessError):
    """Unknown, revoked and expired keys, and keys of closed clients, look alike from outside."""

    status = 401
    code = "key_invalid"
    message = _("密钥无效、已到期或已吊销。")


class ClientInvalid(AccessError):
    """An unknown client and a wrong secret look alike from outside."""

    status = 401
    code = "client_invalid"
    message = _("系统代码或客户端密钥不正确，或已到期、已吊销。")


class TokenInvalid(AccessError):
    status = 401
    code = "token_invalid"
    message = _("令牌无效或已吊销，请重新获取。")


class TokenExpired(AccessError):
    status = 401
    code = "token_expired"
    message = _("令牌已到期，请重新获取。")


class AppkeyInvalid(AccessError):
    """Unknown, or of a client that is closed."""

    status = 401
    code = "appkey_invalid"
    message = _("AppKey 无效。")


class AccessKeyInvalid(AccessError):
    """Unknown, revoked and expired ones, and those of closed clients, look alike from outside."""

    status = 401
    code = "access_key_invalid"
    message = _("AccessKey 无效、已到期或已吊销。")


class CertificateMismatch(AccessError):
    status = 403
    code = "certificate_mismatch"
    message = _("该接入系统须出示已登记的客户端证书。")


class AddressRefused(AccessError):
    status = 403
    code = "ip_mismatch"
    message = _("来源地址不在该接入系统的 IP 白名单内。")


class StaffError(Exception):
    """What a member of staff asked for goes against the separation of duties, or came too late."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "staff_conflict"
    message: ClassVar[Promise | str] = _("无法执行此操作。")


class OwnProposal(StaffError):
    status = 403
    code = "own_proposal"
    message = _("安全策略须由另一人确认，不能确认自己提出的变更。")


class ProposalGone(StaffError):
    code = "proposal_gone"
    message = _("该变更已被处理或已被新的变更取代，请刷新页面。")


class OwnAccount(StaffError):
    status = 403
    code = "own_account"
    message = _("不能对自己的账号执行此操作，请由另一名安全管理员办理。")


class RoleNotGrantable(StaffError):
    code = "role_not_grantable"
    message = _("不能授予该角色。")


class CodeWrong(StaffError):
    status = 422
    code = "code_wrong"
    message = _("验证码不正确、已用过或已过期，请输入应用中当前显示的 6 位数字。")


class PasskeyWrong(StaffError):
    status = 422
    code = "passkey_wrong"
    message = _("未能验证安全密钥，请重试。")


class BootstrapRefused(StaffError):
    status = 403
    code = "bootstrap_refused"
    message = _("三员账号已齐备，不需要初始化。")
