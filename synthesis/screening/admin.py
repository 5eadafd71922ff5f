"""The list of forbidden words in the portal."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy

from accounts.admin import PlainAdmin
from audit.parties import Actor, Origin
from synthesis.screening.models import Term
from synthesis.screening.terms import save_term


@admin.register(Term)
class TermAdmin(PlainAdmin):
    intro = gettext_lazy(
        "含有启用的敏感词的文本会被拦截：接口返回拒绝，播报不能提交和发布。修改在数秒内生效。"
    )
    noun = gettext_lazy("敏感词")
    list_display = ("text", "category", "reason", "is_shipped", "is_active", "updated_at")
    list_filter = ("category", "is_active", "is_shipped")
    search_fields = ("text", "reason")
    search_help_text = gettext_lazy("按敏感词或说明查找")
    fields = ("text", "category", "reason", "is_active")

    def keep(self, row: Term, *, changed: dict[str, Any], actor: Actor, origin: Origin) -> None:
        save_term(term=row, changed=changed, actor=actor, origin=origin)
