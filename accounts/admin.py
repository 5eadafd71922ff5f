"""How the portal lists and changes rows of the database: declared as data, saved by services, on record."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.middleware import origin_of
from accounts.models import Organisation, Role, Staff
from accounts.passwords import initial_password
from accounts.services import save_organisation, staff_actor
from accounts.staffing import NO_ROLE, change_staff, create_staff
from audit.parties import Actor, Origin

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[Staff]
else:
    _ModelForm = forms.ModelForm


# Of a department, for all its clients together; empty means none.
LIMITS = (
    "calls_per_second",
    "calls_per_minute",
    "calls_at_once",
    "characters_per_day",
    "characters_per_month",
)


class PlainAdmin(ModelAdmin):  # type: ignore[misc]  # unfold carries no types
    """A list of the portal: nothing is deleted or done in bulk, and every save is one call of a service.

    `intro` is the sentence under the heading, `noun` one row's name where the list's own name does not fit.
    Django's own log of changes stays empty: evidence is audit's.
    """

    intro: Any = ""
    noun: Any = ""
    actions = None
    list_per_page = 50
    show_full_result_count = False

    def keep(self, row: Any, *, changed: dict[str, Any], actor: Actor, origin: Origin) -> None:
        """Saves the row by its service; `changed` maps each changed field to [before, after]."""
        raise NotImplementedError

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        changed = {
            name: [str(form.initial.get(name, "")), str(form.cleaned_data[name])]
            for name in form.changed_data
        }
        self.keep(
            obj, changed=changed, actor=staff_actor(cast(Staff, request.user)), origin=origin_of(request)
        )

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        field.empty_label = _("请选择")
        return field

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Nothing: `keep` has recorded it."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Nothing: `keep` has recorded it."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = {"title": self.opts.verbose_name_plural}
        return cast(HttpResponse, super().changelist_view(request, {**title, **(extra_context or {})}))

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Model | None = None,
    ) -> HttpResponse:
        context["title"] = (
            str(obj) if obj else _("新建%(name)s") % {"name": self.noun or self.opts.verbose_name}
        )
        context["subtitle"] = None
        return cast(HttpResponse, super().render_change_form(request, context, add, change, form_url, obj))


class ReadOnlyAdmin(PlainAdmin):
    """A list to look at."""

    list_display_links: tuple[str, ...] | None = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class NewStaffForm(_ModelForm):
    """A new account. Its first password is made by us, its role granted by somebody else."""

    class Meta:
        model = Staff
        fields = ("username", "display_name", "organisation")
        widgets = {"username": UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"})}
        help_texts = {"username": gettext_lazy("英文字母、数字、汉字和 . _ - @；不分大小写和全半角。")}


class StaffForm(_ModelForm):
    """What may be changed of an account; its role may not, that needs a new account."""

    class Meta:
        model = Staff
        fields = ("display_name", "organisation", "is_active")
        help_texts = {
            "is_active": gettext_lazy(
                "停用后，该账号立即退出登录，且不能再登录。已有的播报和审计记录不受影响。"
            )
        }


# Roles are ours (accounts.models.Role); Django's groups grant nothing here.
admin.site.unregister(Group)


@admin.register(Staff)
class StaffAdmin(PlainAdmin):
    intro = gettext_lazy("每人一个账号、一个角色；角色由安全管理员授予。账号不删除，离岗时停用。")
    list_display = ("username", "display_name", "role", "organisation", "is_active", "last_seen")
    list_filter = ("is_active", "role", "organisation")
    search_fields = ("username", "display_name")
    list_select_related = ("role", "organisation")
    readonly_fields = ("username", "role", "created_at", "last_seen")

    @admin.display(description=gettext_lazy("最近登录"), ordering="last_login")
    def last_seen(self, row: Staff) -> datetime | str:
        return row.last_login or _("从未登录")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, form=StaffForm if obj else NewStaffForm, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ("username", "display_name", "organisation")
        return ("username", "display_name", "organisation", "role", "is_active", "created_at", "last_seen")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        # Nobody locks himself out.
        return (*self.readonly_fields, "is_active") if obj == request.user else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: Staff, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        password = initial_password()
        staff = create_staff(
            **form.cleaned_data,
            role=Role.objects.get(code=NO_ROLE),
            password=password,
            actor=staff_actor(cast(Staff, request.user)),
            origin=origin_of(request),
        )
        obj.pk = staff.pk
        request.initial_password = password  # type: ignore[attr-defined]  # for response_add

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        """The new account's first password, this once."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("账号已创建"),
            "staff": obj,
            "password": request.initial_password,  # type: ignore[attr-defined]
            "back": reverse("admin:accounts_staff_changelist"),
            "needs_role": True,
        }
        return TemplateResponse(request, "portal/security/issued.html", context)

    def keep(self, row: Staff, *, changed: dict[str, Any], actor: Actor, origin: Origin) -> None:
        change_staff(staff=row, changed=changed, actor=actor, origin=origin)


@admin.register(Organisation)
class OrganisationAdmin(PlainAdmin):
    intro = gettext_lazy("播报和接入系统都归属一个部门；部门停用后，其接入系统不能再调用接口。")
    list_display = ("name", "code", "staff_count", "client_count", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name", "code")
    fields = ("name", "code", "is_active", *LIMITS)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organisation]:
        found: QuerySet[Organisation] = super().get_queryset(request)
        return found.annotate(
            staff_number=Count("staff", distinct=True), client_number=Count("clients", distinct=True)
        )

    @admin.display(description=gettext_lazy("账号数"))
    def staff_count(self, row: Any) -> int:
        return int(row.staff_number)

    @admin.display(description=gettext_lazy("接入系统数"))
    def client_count(self, row: Any) -> int:
        return int(row.client_number)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("code",) if obj else ()

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        helps = {
            "code": gettext_lazy("小写字母、数字和连字符，建好后不能更改。"),
            "is_active": gettext_lazy("停用后，该部门的接入系统不能再调用接口。"),
            **dict.fromkeys(LIMITS, gettext_lazy("该部门全部接入系统合计；留空表示不限。")),
        }
        return super().get_form(request, obj, change, help_texts=helps, **kwargs)

    def keep(self, row: Organisation, *, changed: dict[str, Any], actor: Actor, origin: Origin) -> None:
        save_organisation(organisation=row, changed=changed, actor=actor, origin=origin)
