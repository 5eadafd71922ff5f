"""The hotline's door."""

from __future__ import annotations

from django.urls import path

from govvoice.api import views

app_name = "api"

urlpatterns = [
    path("auth/token", views.TokenView.as_view(), name="token"),
    path("auth/revoke", views.RevokeView.as_view(), name="revoke"),
    path("speech", views.SpeechView.as_view(), name="speech"),
    path("speech/audio/<str:token>", views.SpeechAudioView.as_view(), name="speech-audio"),
    path("readings", views.ReadingView.as_view(), name="readings"),
    path("screening", views.ScreeningView.as_view(), name="screening"),
    path("voices", views.VoiceListView.as_view(), name="voices"),
    path("voices/<slug:voice>", views.VoiceView.as_view(), name="voice"),
    path("voices/<slug:voice>/samples/<slug:emotion>", views.VoiceSampleView.as_view(), name="voice-sample"),
    path("emotions", views.EmotionListView.as_view(), name="emotions"),
    path("broadcasts", views.BroadcastListView.as_view(), name="broadcasts"),
    path("broadcasts/<slug:code>", views.BroadcastView.as_view(), name="broadcast"),
    path("broadcasts/<slug:code>/audio", views.BroadcastAudioView.as_view(), name="broadcast-audio"),
    path("schema/", views.SchemaView.as_view(), name="schema"),
]
