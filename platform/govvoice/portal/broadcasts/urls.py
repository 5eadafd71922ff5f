from __future__ import annotations

from django.urls import URLPattern, path, register_converter

from govvoice.portal.broadcasts import deciding, lists, sound, writing


class BroadcastCode:
    """Exactly a broadcast's code, so that the admin's own paths below broadcasts/ stay reachable."""

    regex = r"BC\d{8}-\d{4,9}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(BroadcastCode, "broadcast")

urlpatterns: list[URLPattern] = [
    path("", lists.broadcast_list, name="broadcast-list"),
    path("new", writing.new, name="broadcast-new"),
    path("queue", lists.review_queue, name="broadcast-queue"),
    path("renditions", lists.rendition_list, name="rendition-list"),
    path("<broadcast:code>/edit", writing.edit, name="broadcast-edit"),
    path("<broadcast:code>/status", sound.status, name="broadcast-status"),
    path("<broadcast:code>/audio/<int:number>", sound.audio, name="broadcast-audio"),
    path("<broadcast:code>/review", deciding.review, name="broadcast-review"),
    path("<broadcast:code>/heard", deciding.heard, name="broadcast-heard"),
    path("<broadcast:code>/approve", deciding.approve, name="broadcast-approve"),
    path("<broadcast:code>/return", deciding.send_back, name="broadcast-return"),
    path("<broadcast:code>/take-back", deciding.take_back, name="broadcast-take-back"),
    path("<broadcast:code>/publish", deciding.publish, name="broadcast-publish"),
    path("<broadcast:code>/withdraw", deciding.withdraw, name="broadcast-withdraw"),
]
