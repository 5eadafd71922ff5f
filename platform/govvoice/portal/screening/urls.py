from __future__ import annotations

from django.urls import URLPattern, path

from govvoice.portal.screening import deciding, figures, files, lists, queue, showing, trying, writing

_VERSION = "<int:number>/v<int:version>"

urlpatterns: list[URLPattern] = [
    path("", lists.word_lists, name="wordlist-list"),
    path("new", writing.new, name="wordlist-new"),
    path("hits", figures.hits, name="screening-hits"),
    path("queue/", queue.queue, name="review-queue"),
    path("queue/<slug:code>", queue.held, name="review-item"),
    path("queue/<slug:code>/decide", queue.decide, name="review-decide"),
    path("queue/<slug:code>/revoke", queue.revoke, name="review-revoke"),
    path("<int:number>", showing.word_list, name="wordlist"),
    path("<int:number>/draft", writing.draft, name="wordlist-draft"),
    path(_VERSION, showing.version, name="wordlist-version"),
    path(f"{_VERSION}/settings", writing.settings, name="wordlist-settings"),
    path(f"{_VERSION}/words", writing.words, name="wordlist-words"),
    path(f"{_VERSION}/words/drop", writing.drop_words, name="wordlist-words-drop"),
    path(f"{_VERSION}/allowed", writing.allowed, name="wordlist-allowed"),
    path(f"{_VERSION}/rules", writing.rule, name="wordlist-rule"),
    path(f"{_VERSION}/rules/drop", writing.drop_rule, name="wordlist-rule-drop"),
    path(f"{_VERSION}/import", files.bring_in, name="wordlist-import"),
    path(f"{_VERSION}/export", files.export, name="wordlist-export"),
    path(f"{_VERSION}/trial", trying.trial, name="wordlist-trial"),
    path(f"{_VERSION}/submit", deciding.submit, name="wordlist-submit"),
    path(f"{_VERSION}/approve", deciding.approve, name="wordlist-approve"),
    path(f"{_VERSION}/refuse", deciding.refuse, name="wordlist-refuse"),
    path(f"{_VERSION}/discard", deciding.discard, name="wordlist-discard"),
    path(f"{_VERSION}/restore", deciding.restore, name="wordlist-restore"),
]
