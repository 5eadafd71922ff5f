from __future__ import annotations

from django.urls import URLPattern, path

from govvoice.portal.lexicon import deciding, files, lists, writing

urlpatterns: list[URLPattern] = [
    path("", lists.entry_list, name="lexicon-list"),
    path("new", writing.new, name="lexicon-new"),
    path("import", files.bring_in, name="lexicon-import"),
    path("export", files.export, name="lexicon-export"),
    path("<int:number>", deciding.entry, name="lexicon-entry"),
    path("<int:number>/change", writing.change, name="lexicon-change"),
    path("<int:number>/approve", deciding.approve, name="lexicon-approve"),
    path("<int:number>/refuse", deciding.refuse, name="lexicon-refuse"),
    path("<int:number>/retire", deciding.retire, name="lexicon-retire"),
    path("<int:number>/respeak", deciding.respeak, name="lexicon-respeak"),
]
