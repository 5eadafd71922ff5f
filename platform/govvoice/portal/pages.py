"""How our own pages stand beside the admin's lists: signed in, allowed, and inside the same frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse

from accounts.models import Staff
from govvoice.problems import RETRY_SECONDS

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def staff_page(*permissions: str) -> Callable[[View[P]], View[P]]:
    """Opens a view to staff who hold one of the permissions (none named: all staff); others get 403."""

    def protect(view: View[P]) -> View[P]:
        @wraps(view)
        def allowed(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if permissions and not any(staff_of(request).has_perm(permission) for permission in permissions):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        # The site's own gate comes first: it sends strangers to the login page and forbids caching.
        return cast("View[P]", admin.site.admin_view(allowed))

    return protect


def staff_of(request: HttpRequest) -> Staff:
    """The signed-in member of staff; only for views behind `staff_page`."""
    return cast("Staff", request.user)


@dataclass(frozen=True, slots=True)
class Crumb:
    """A page above this one, for the breadcrumbs."""

    label: str
    url: str


def page(
    request: HttpRequest,
    template: str,
    *,
    title: str,
    trail: Sequence[Crumb] = (),
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """The template inside the portal's frame; `trail` leads down to it from the start page."""
    frame = {**admin.site.each_context(request), "title": title, "trail": trail}
    headers = {"Retry-After": str(RETRY_SECONDS)} if status == 503 else None
    return TemplateResponse(request, template, {**frame, **context}, status=status, headers=headers)
