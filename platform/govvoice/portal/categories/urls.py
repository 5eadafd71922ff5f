from __future__ import annotations

from django.urls import URLPattern, path

from govvoice.portal.categories import views

urlpatterns: list[URLPattern] = [
    path("", views.category_list, name="category-list"),
    path("new", views.new, name="category-new"),
    path("<slug:category>", views.change, name="category-change"),
]
