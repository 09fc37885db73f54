"""Why something about people, roles or sign-in is refused."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backend.common.errors import Forbidden, Invalid, MarketError


class BadPhone(Invalid):
    code = "BAD_PHONE"
    message = _("Số di động Việt Nam có 10 chữ số, bắt đầu bằng 03, 05, 07, 08 hoặc 09. Ví dụ: 0912 345 678.")


class BadName(Invalid):
    code = "BAD_NAME"
    message = _("Tên cần từ 2 đến 160 chữ.")


class BadPersonName(Invalid):
    code = "BAD_PERSON_NAME"
    message = _("Họ tên cần từ 1 đến 120 chữ.")


class BadKind(Invalid):
    code = "BAD_KIND"
    message = _("Hãy chọn loại người bán: hộ gia đình, hợp tác xã, tổ hợp tác hoặc công ty.")


class InvitationGone(MarketError):
    code = "INVITATION_GONE"
    status = 404
    message = _("Đường dẫn này đã dùng hoặc đã quá một tuần. Xin hỏi ban quản lý chợ một đường dẫn mới.")


class SellerKnown(MarketError):
    code = "SELLER_KNOWN"
    status = 409
    message = _("Xã này đã có người bán tên %(name)s (số %(number)s).")


class EmailTaken(MarketError):
    """For programs and administrators. Sign-up never shows it: it would tell strangers who has an account."""

    code = "EMAIL_TAKEN"
    status = 409
    message = _("Địa chỉ thư này đã có tài khoản.")


class MayNotGrant(Forbidden):
    code = "MAY_NOT_GRANT"
    message = _("Tài khoản này không có quyền giao hay thu vai trò ở nơi đó.")


class RoleDoesNotFit(Invalid):
    code = "ROLE_DOES_NOT_FIT"
    message = _("Vai trò này không dành cho nơi đó.")


class RoleNotHeld(MarketError):
    code = "ROLE_NOT_HELD"
    status = 404
    message = _("Người này không giữ vai trò đó, hoặc đã thôi.")


class LastAdmin(MarketError):
    code = "LAST_ADMIN"
    status = 409
    message = _("Đây là quản trị viên cuối cùng của xã. Hãy giao quyền cho người khác trước.")


class MayNotOpenSeller(Forbidden):
    code = "MAY_NOT_OPEN_SELLER"
    message = _("Tài khoản này không có quyền thêm người bán ở xã đó.")


class NoDelivery(MarketError):
    code = "NO_DELIVERY"
    status = 409
    message = _("Chợ chưa gửi được tin nhắn tới số điện thoại, nên chưa xác nhận được số này.")


class CodeTooSoon(MarketError):
    code = "CODE_TOO_SOON"
    status = 429
    message = _("Mã vừa được gửi. Xin đợi %(seconds)s giây rồi hãy xin mã khác.")


class TooManyCodes(MarketError):
    code = "TOO_MANY_CODES"
    status = 429
    message = _("Hôm nay đã gửi quá nhiều mã. Xin thử lại vào ngày mai.")


class CodeNotSent(MarketError):
    code = "CODE_NOT_SENT"
    status = 503
    message = _("Chưa gửi được mã. Xin thử lại sau ít phút.")


class WrongCode(MarketError):
    code = "WRONG_CODE"
    message = _("Mã chưa đúng. Còn %(left)s lần thử.")


class CodeGone(MarketError):
    code = "CODE_GONE"
    status = 410
    message = _("Mã đã hết hạn hoặc đã dùng. Xin lấy mã mới.")


class ContactTaken(MarketError):
    """Only after a right code: whoever reads the mailbox or the phone may know that it has another account."""

    code = "CONTACT_TAKEN"
    status = 409
    message = _("Địa chỉ này đã thuộc về một tài khoản khác. Hãy đăng nhập tài khoản đó.")
