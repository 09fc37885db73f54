"""Why a request of a Saleor is refused."""

from __future__ import annotations

from typing import ClassVar


class AppRefusal(Exception):
    """Base. ``code`` and ``message`` go into the answer and into Saleor's own log: programs and its operators read
    them, so they are in English."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "INVALID"

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


class NotAllowed(AppRefusal):
    """This Saleor may not install the market."""

    status = 403
    code = "NOT_ALLOWED"


class NotConfirmed(AppRefusal):
    """The Saleor that is named does not know this token as ours."""

    status = 403
    code = "NOT_CONFIRMED"


class SaleorUnreachable(AppRefusal):
    """The Saleor could not be asked; the same request may succeed later."""

    status = 503
    code = "SALEOR_UNREACHABLE"


class TooManyTries(AppRefusal):
    status = 429
    code = "TOO_MANY_TRIES"


class SignatureRefused(AppRefusal):
    status = 401
    code = "SIGNATURE"


class Malformed(AppRefusal):
    """Authentic, but not to be understood."""

    status = 400
    code = "MALFORMED"
