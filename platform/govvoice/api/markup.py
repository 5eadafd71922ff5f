"""SSML as callers send it: the pipeline judges its tags, and its text follows the rules of all texts."""

from __future__ import annotations

from django.conf import settings

from govvoice.api.fields import MARKUP_LIMIT
from govvoice.api.refusals import FieldRefused, Refusal
from govvoice.api.text_rules import clean_text, count_characters
from govvoice.problems import FieldProblem
from synthesis import pipeline
from synthesis.spec import SpeechSpec
from synthesis.ssml_faults import placed
from synthesis.text import Markup


def spoken_characters(spec: SpeechSpec) -> int:
    """How many characters of the text are spoken: what counts against limits. Raises TextRefused, Refusal.

    References such as &#x202e; have become characters only now, so that the rules are applied once more: to
    the text with its places, then to its length without the white space between tags.
    """
    markup = pipeline.markup_of(spec)
    if markup is None:
        return count_characters(spec.text)
    try:
        clean_text(markup.text, limit=MARKUP_LIMIT)
        clean_text(markup.spoken, limit=settings.SPEECH_MAX_CHARACTERS)
    except FieldRefused as refused:
        problem = _problem(refused, markup)
        raise Refusal(422, problem.code, problem.message, errors=(problem,)) from refused
    return len(markup.spoken)


def _problem(refused: FieldRefused, markup: Markup) -> FieldProblem:
    """The same at its place in the SSML."""
    if refused.position is None:
        return refused.at("ssml")
    position = markup.places[refused.position][0]
    message = placed(markup.source, position, refused.message)
    return FieldProblem("ssml", refused.code, message, position)
