from __future__ import annotations

from django.urls import URLPattern, path

from govvoice.portal.evidence import exporting, integrity, keeping, originals, timelines, views

urlpatterns: list[URLPattern] = [
    path("", views.evidence, name="evidence"),
    path("<int:number>", views.event, name="evidence-event"),
    path("<int:number>/original", originals.original, name="evidence-original"),
    path("timeline", timelines.timeline, name="evidence-timeline"),
    path("integrity", integrity.integrity, name="evidence-integrity"),
    path("integrity/verify", integrity.verify, name="evidence-integrity-verify"),
    path("integrity/progress", integrity.progress, name="evidence-integrity-progress"),
    path("integrity/program", integrity.program, name="evidence-integrity-program"),
    path("integrity/keys", integrity.keys, name="evidence-integrity-keys"),
    path("months", keeping.keeping, name="evidence-keeping"),
    path("months/<slug:code>", keeping.holding, name="evidence-holding"),
    path("months/<slug:code>/held", keeping.held, name="evidence-held"),
    path("exports", exporting.exports, name="evidence-exports"),
    path("exports/new", exporting.new, name="evidence-export"),
    path("exports/<uuid:export_id>", exporting.detail, name="evidence-export-detail"),
    path("exports/<uuid:export_id>/cancel", exporting.cancel, name="evidence-export-cancel"),
    path("exports/<uuid:export_id>/<int:position>", exporting.file, name="evidence-export-file"),
]
