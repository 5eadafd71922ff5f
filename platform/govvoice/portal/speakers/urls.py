from __future__ import annotations

from django.urls import URLPattern, path

from govvoice.portal.speakers import comparing, defaults, lists, showing, switching, writing

urlpatterns: list[URLPattern] = [
    path("", lists.speaker_list, name="speaker-list"),
    path("order", lists.order, name="speaker-order"),
    path("compare", comparing.compare, name="speaker-compare"),
    path("defaults", defaults.defaults, name="speaker-defaults"),
    path("voices/<slug:voice>/samples/<slug:emotion>", showing.sample, name="speaker-sample"),
    path("voices/<slug:voice>/default", switching.make_default, name="speaker-default"),
    path("voices/<slug:voice>/on", switching.switch_on, name="speaker-on"),
    path("voices/<slug:voice>/off", switching.switch_off, name="speaker-off"),
    path("voices/<slug:voice>/licence", switching.licence, name="speaker-licence"),
    path("<slug:code>", showing.speaker, name="speaker"),
    path("<slug:code>/samples", showing.samples_made, name="speaker-samples"),
    path("<slug:code>/picture", showing.picture, name="speaker-picture"),
    path("<slug:code>/change", writing.change, name="speaker-change"),
]
