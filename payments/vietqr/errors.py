"""Why a code is refused, or taken with a warning: one stable code and one Vietnamese sentence for each
cause.
"""

from __future__ import annotations

REFUSALS = {
    # decoding
    "empty": "Chưa có nội dung mã QR.",
    "too_long": "Nội dung dài quá 512 ký tự nên không phải mã thanh toán.",
    "not_payment_code": "Đây không phải mã QR thanh toán (mã thanh toán bắt đầu bằng 000201).",
    "bad_structure": "Mã QR hỏng: các trường không khớp độ dài ghi trong mã.",
    "length_in_bytes": "Mã QR có chữ có dấu và đếm độ dài theo byte: nhiều app ngân hàng không đọc được.",
    "duplicate_field": "Mã QR ghi một trường hai lần nên không biết lấy giá trị nào.",
    "crc_missing": "Mã QR thiếu phần kiểm tra CRC ở cuối.",
    "crc_wrong": "Mã QR sai phần kiểm tra CRC: mã bị chép sai hoặc bị sửa.",
    "account_missing": "Mã QR không ghi tài khoản nhận tiền.",
    "guid_unknown": "Mã QR không thuộc hệ thống chuyển nhanh NAPAS 247.",
    "service_misplaced": "Mã QR ghi mã dịch vụ sai chỗ (trong phần tài khoản), trái quy định của NAPAS.",
    "currency_not_vnd": "Mã QR không phải bằng tiền Việt Nam.",
    # both
    "bin_invalid": "Mã BIN ngân hàng phải gồm đúng 6 chữ số.",
    "account_invalid": "Số tài khoản phải gồm 1 đến 19 chữ số hoặc chữ cái không dấu, không có khoảng trắng.",
    "amount_invalid": "Số tiền phải là số nguyên đồng lớn hơn 0.",
    # encoding
    "amount_above_ceiling": "Chuyển nhanh NAPAS 247 chỉ nhận dưới 500.000.000 đồng mỗi lần.",
    "initiation_invalid": "Kiểu mã phải là 11 (dùng nhiều lần) hoặc 12 (dùng một lần).",
    "dynamic_needs_amount": "Mã dùng một lần (kiểu 12) phải có số tiền.",
    "purpose_unusable": "Nội dung chuyển khoản không còn chữ hay số nào sau khi bỏ dấu.",
    "text_not_ascii": "Trường này chỉ được có chữ không dấu, số và dấu câu ASCII.",
    "text_too_long": "Trường này dài quá giới hạn của quy định.",
    "field_invalid": "Trường thêm phải có mã 80 đến 99 và dài 1 đến 99 ký tự.",
}

WARNINGS = {
    "spaces_around": "Đã bỏ khoảng trắng thừa quanh mã.",
    "crc_lower_case": "Phần kiểm tra CRC viết chữ thường; quy định là chữ hoa.",
    "empty_field": "Mã có trường rỗng.",
    "not_ascii": "Mã có chữ có dấu; một số ứng dụng ngân hàng không đọc được.",
    "field_too_long": "Mã có trường dài quá quy định.",
    "initiation_unknown": "Mã không ghi rõ dùng một lần hay nhiều lần.",
    "service_unknown": "Mã không ghi dịch vụ chuyển đến tài khoản hay đến thẻ.",
    "service_misplaced": "Mã dịch vụ nằm sai chỗ, trong phần tài khoản.",
    "bin_unknown": "Không có ngân hàng nào mang mã BIN này trong danh sách.",
    "country_not_vn": "Mã không ghi quốc gia là VN.",
    "amount_has_decimals": "Số tiền ghi phần lẻ .00; tiền đồng không có phần lẻ.",
    "amount_above_ceiling": "Số tiền từ 500.000.000 đồng: chuyển nhanh NAPAS 247 không nhận.",
    "payer_must_fill": "Mã yêu cầu người trả tự điền một trường (***).",
}


class VietQRError(ValueError):
    """A payload that is refused, or one that cannot be made.

    `code` is stable and for machines; `message` is one Vietnamese sentence for people; `where` names the
    field or place.
    """

    def __init__(self, code: str, where: str = "") -> None:
        self.code = code
        self.message = REFUSALS[code]
        self.where = where
        super().__init__(f"{code}: {self.message}" + (f" ({where})" if where else ""))
