"""What the register refuses."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backend.common.errors import MarketError


class OcopError(MarketError):
    """Base of what the register refuses."""


class BadStars(OcopError):
    code = "OCOP_BAD_STARS"
    message = _("Hạng sao phải là 3, 4 hoặc 5.")


class BadCertificate(OcopError):
    """A field that the register cannot do without is empty or too long."""

    code = "OCOP_BAD_CERTIFICATE"
    message = _("Giấy chứng nhận chưa đủ: %(what)s.")


class WrongLevel(OcopError):
    """A level that could not grant these stars on that day."""

    code = "OCOP_WRONG_LEVEL"
    message = _("Cấp này không công nhận hạng %(stars)s sao vào ngày %(issued_on)s. Xin xem lại quyết định.")


class NumberTaken(OcopError):
    """The issuer has already given this number to something else."""

    code = "OCOP_NUMBER_TAKEN"
    status = 409
    message = _("Số giấy chứng nhận %(number)s đã có trong sổ với nội dung khác. Xin kiểm tra lại số.")


class NotTheirProduct(OcopError):
    """The product is not sold by the producer whom the decision names."""

    code = "OCOP_NOT_THEIR_PRODUCT"
    status = 409
    message = _("Món hàng này không phải của chủ thể %(producer)s.")


class CertificateNotFound(OcopError):
    code = "NOT_FOUND"
    status = 404
    message = _("Không tìm thấy giấy chứng nhận này trong sổ.")


class RevocationNeedsReason(OcopError):
    code = "OCOP_REASON_MISSING"
    message = _("Xin ghi lý do thu hồi.")


class BadScan(OcopError):
    code = "OCOP_BAD_SCAN"
    message = _("Bản quét phải là PDF, JPEG hoặc PNG, dưới %(megabytes)s MB.")
