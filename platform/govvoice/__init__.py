"""The Django project of the government voice platform (政务语音平台)."""

from govvoice.celery import app as celery_app

__version__ = "0.4.0"
__all__ = ["__version__", "celery_app"]
