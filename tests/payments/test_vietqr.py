"""VietQR payloads: published vectors, limits, and properties of encoder and decoder."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from payments.vietqr import Decoded, VietQRError, clean_purpose, crc16, decode, encode
from payments.vietqr.errors import REFUSALS, WARNINGS
from payments.vietqr.tlv import field
from tests.payments.vectors import load

pytestmark = pytest.mark.pure

VECTORS: list[dict[str, Any]] = load("vietqr.json")
POSITIVE = [row for row in VECTORS if row["use_as"] == "positive"]
NEGATIVE = [row for row in VECTORS if row["use_as"] == "negative"]
CANONICAL = [row for row in POSITIVE if row.get("canonical_rebuild_equal")]
KINDS = {
    "vietqr": "vietqr",
    "payos-vietqr": "vietqr",
    "momo-vietqr": "momo",
    "zalopay-vietqr": "zalopay",
    "napas-qrcash": "qrcash",
    "vnpay-qr": "vnpay",
    "airpay-shopeepay-qr": "shopeepay",
}
GOOD = encode(bin="970436", account="0011012345678", amount_vnd=50_000, purpose="CX7KQ4M2PA")


def by_crc(row: dict[str, Any]) -> str:
    return f"{row['kind']}-{row['crc_in_source']}"


def sealed(body: str) -> str:
    """`body` with a right CRC, so that a test reaches what stands behind the CRC check."""
    return body + f"6304{crc16((body + '6304').encode()):04X}"


def outcome(payload: str) -> Decoded | VietQRError:
    """What decode makes of `payload`; any other error than a refusal is a failure of the test."""
    try:
        return decode(payload)
    except VietQRError as refusal:
        return refusal


def account_body(guid: str, bin_: str, account: str) -> str:
    template = (
        field("00", guid) + field("01", field("00", bin_) + field("01", account)) + field("02", "QRIBFTTA")
    )
    return "000201010211" + field("38", template) + "53037045802VN"


def test_vectors_are_all_here() -> None:
    assert (len(POSITIVE), len(NEGATIVE), len(CANONICAL)) == (28, 9, 22)


@pytest.mark.parametrize("row", POSITIVE, ids=by_crc)
def test_positive_vector_decodes_to_its_inputs(row: dict[str, Any]) -> None:
    decoded = decode(row["payload"])
    known = {
        "init_method": decoded.initiation,
        "guid": decoded.guid,
        "bin": decoded.bin,
        "account": decoded.account,
        "service": decoded.service,
        "currency": "704",
        "amount": None if decoded.amount_vnd is None else str(decoded.amount_vnd),
        "country": decoded.country,
        "mcc": decoded.mcc,
        "merchant_name": decoded.merchant_name,
        "city": decoded.city,
        "merchant_id": decoded.merchant_id,
        "purpose": decoded.purpose,
        **decoded.additional,
        **{f"tag{tag}": value for tag, value in {**decoded.templates, **decoded.other}.items()},
    }
    wanted = {name: value for name, value in row["inputs"].items() if name != "purpose_raw"}
    assert {name: known[name] for name in wanted} == wanted
    assert decoded.kind == KINDS[row["kind"]]


@pytest.mark.parametrize("row", CANONICAL, ids=by_crc)
def test_canonical_vector_is_encoded_again_byte_for_byte(row: dict[str, Any]) -> None:
    inputs = row["inputs"]
    assert (
        encode(
            bin=inputs["bin"],
            account=inputs["account"],
            amount_vnd=int(inputs["amount"]) if "amount" in inputs else None,
            purpose=inputs.get("purpose_raw", inputs.get("purpose")),
            card=inputs["service"] == "QRIBFTTC",
            initiation=inputs["init_method"],
            bill_number=inputs.get("bill_number"),
            reference_label=inputs.get("reference_label"),
            unreserved={"80": inputs["tag80"]} if "tag80" in inputs else None,
        )
        == row["payload"]
    )
    assert decode(row["payload"]).warnings == ()


@pytest.mark.parametrize("row", NEGATIVE, ids=by_crc)
def test_negative_vector_is_refused_for_its_reason(row: dict[str, Any]) -> None:
    with pytest.raises(VietQRError) as refusal:
        decode(row["payload"])
    assert refusal.value.code == row["reason"]
    assert refusal.value.message == REFUSALS[row["reason"]]


def test_the_example_of_the_napas_paper_with_its_wrong_length_is_refused() -> None:
    """Section 6.1.1 prints length 12 for an account of 13 digits under a CRC that is right for the wrong
    text.
    """
    printed = "00020101021138570010A00000072701270006970403011200110123456780208QRIBFTTA53037045802VN6304F4E5"
    with pytest.raises(VietQRError, match="bad_structure"):
        decode(printed)
    corrected = encode(bin="970403", account="0011012345678")
    assert corrected.endswith("63049E6F")


def test_misplaced_service_can_be_tolerated() -> None:
    row = next(row for row in NEGATIVE if row["crc_in_source"] == "5859")
    decoded = decode(row["payload"], tolerate_misplaced_service=True)
    assert (decoded.bin, decoded.account, decoded.service) == (
        "970441",
        "660704060000129",
        "QRIBFTTA",
    )
    assert [notice.code for notice in decoded.warnings] == ["service_misplaced"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"bin": "97043"}, "bin_invalid"),
        ({"bin": "97043६"}, "bin_invalid"),
        ({"account": ""}, "account_invalid"),
        ({"account": "0011 0123"}, "account_invalid"),
        ({"account": "1" * 20}, "account_invalid"),
        ({"account": "tàikhoản"}, "account_invalid"),
        ({"amount_vnd": 0}, "amount_invalid"),
        ({"amount_vnd": -5}, "amount_invalid"),
        ({"amount_vnd": True}, "amount_invalid"),
        ({"amount_vnd": 1.5}, "amount_invalid"),
        ({"amount_vnd": 500_000_000}, "amount_above_ceiling"),
        ({"initiation": "12"}, "dynamic_needs_amount"),
        ({"initiation": "13"}, "initiation_invalid"),
        ({"purpose": "!!!"}, "purpose_unusable"),
        ({"bill_number": "1" * 26}, "text_too_long"),
        ({"reference_label": "mã"}, "text_not_ascii"),
        ({"bill_number": ""}, "text_not_ascii"),
        ({"unreserved": {"79": "x"}}, "field_invalid"),
        ({"unreserved": {"80": ""}}, "field_invalid"),
        ({"unreserved": {"80": "đ"}}, "text_not_ascii"),
    ],
)
def test_encoder_refuses(arguments: dict[str, Any], code: str) -> None:
    with pytest.raises(VietQRError) as refusal:
        encode(**({"bin": "970436", "account": "0011012345678"} | arguments))
    assert refusal.value.code == code


def test_largest_amount_below_the_ceiling_is_encoded() -> None:
    decoded = decode(encode(bin="970436", account="1", amount_vnd=499_999_999))
    assert (decoded.amount_vnd, decoded.initiation, decoded.warnings) == (
        499_999_999,
        "12",
        (),
    )


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Tiền rau mồng tơi", "Tien rau mong toi"),
        (unicodedata.normalize("NFD", "Đặng Thị Ớt"), "Dang Thi Ot"),
        ("CX7KQ4M2PA   số 12/3 - (mai)", "CX7KQ4M2PA so 123 mai"),
        ("a\tb\nc", "a b c"),
        ("x" * 24 + " yz", "x" * 24),
        ("🍄", ""),
    ],
)
def test_purpose_is_cleaned(text: str, cleaned: str) -> None:
    assert clean_purpose(text) == cleaned


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ("", "empty"),
        ("  \n", "empty"),
        ("https://example.vn/abc", "not_payment_code"),
        ("000201" + "\udc80", "not_payment_code"),
        ("000201" + "9" * 600, "too_long"),
        (GOOD[:-8], "crc_missing"),
        (GOOD + "0102xx", "duplicate_field"),
        (GOOD + "8001x", "crc_missing"),
        (GOOD[:-4] + "0000", "crc_wrong"),
        (sealed("00020101021153037045802VN"), "account_missing"),
        (sealed(account_body("A000000728", "970436", "1")), "guid_unknown"),
        (sealed(account_body("A000000727", "970436", "")), "account_missing"),
        (sealed(account_body("A000000727", "97043", "1")), "bin_invalid"),
        (
            sealed("000201" + field("38", field("00", "A000000727") + "0199") + "53037045802VN"),
            "bad_structure",
        ),
        (sealed(GOOD[:-8].replace("5303704", "5303840")), "currency_not_vnd"),
        (sealed(GOOD[:-8].replace("5303704", "")), "currency_not_vnd"),
        (sealed(GOOD[:-8].replace("540550000", "540550 00")), "amount_invalid"),
        (sealed(GOOD[:-8].replace("540550000", "540550.50")), "amount_invalid"),
        (sealed(GOOD[:-8].replace("540550000", "5405-5000")), "amount_invalid"),
        (sealed(GOOD[:-8].replace("540550000", "540500000")), "amount_invalid"),
        (sealed(GOOD[:-8].replace("0006970436", "00069704A6")), "bin_invalid"),
    ],
)
def test_decoder_refuses(payload: str, code: str) -> None:
    with pytest.raises(VietQRError) as refusal:
        decode(payload)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("payload", "codes"),
    [
        (GOOD, []),
        (f" {GOOD}\n", ["spaces_around"]),
        (sealed(GOOD[:-8].replace("540550000", "540650000.")), []),
        (
            sealed(GOOD[:-8].replace("540550000", "540850000.00")),
            ["amount_has_decimals"],
        ),
        (
            sealed(GOOD[:-8].replace("540550000", "5409500000000")),
            ["amount_above_ceiling"],
        ),
        (sealed(GOOD[:-8].replace("5802VN", "5802RC")), ["country_not_vn"]),
        (sealed(GOOD[:-8].replace("010212", "")), ["initiation_unknown"]),
        (sealed(GOOD[:-8].replace("0006970436", "0006970400")), []),
        (sealed(GOOD[:-8].replace("0006970436", "0006970499")), ["bin_unknown"]),
        (sealed(GOOD[:-8].replace("QRIBFTTA", "QRXXXXXX")), ["service_unknown"]),
        (
            sealed(GOOD[:-8].replace("62140810CX7KQ4M2PA", "62070803***")),
            ["payer_must_fill"],
        ),
        (sealed(GOOD[:-8] + "8300"), ["empty_field"]),
        (sealed(GOOD[:-8] + "5926" + "A" * 26), ["field_too_long"]),
        (sealed(GOOD[:-8] + "5906Gạo Sạ"), ["not_ascii"]),
    ],
)
def test_decoder_notices_what_is_odd(payload: str, codes: list[str]) -> None:
    decoded = decode(payload)
    assert [notice.code for notice in decoded.warnings] == codes
    assert decoded.account == "0011012345678"


def test_lower_case_crc_of_real_codes_is_taken_with_a_notice() -> None:
    payload = next(row["payload"] for row in POSITIVE if row["crc_in_source"] == "AE9F")
    decoded = decode(payload[:-4] + "ae9f")
    assert (decoded.account, [notice.code for notice in decoded.warnings]) == (
        "257678859",
        ["crc_lower_case"],
    )


def test_crc_of_the_standards_check_string() -> None:
    assert crc16(b"123456789") == 0x29B1


def test_reasons_are_vietnamese_sentences_and_all_different() -> None:
    for table in (REFUSALS, WARNINGS):
        assert len(set(table.values())) == len(table)
        assert all(text[0].isupper() and text.endswith(".") for text in table.values())


accounts = st.from_regex(r"[0-9A-Za-z]{1,19}", fullmatch=True)
bins = st.from_regex(r"[0-9]{6}", fullmatch=True)
amounts = st.none() | st.integers(1, 499_999_999)
vietnamese = st.text(
    "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵđĐ"
    "bcdghklmnpqrstvx 0123456789.,-#"
)


@given(bins, accounts, amounts, st.none() | vietnamese, st.booleans())
def test_what_is_encoded_decodes_to_itself(
    bin_: str, account: str, amount_vnd: int | None, purpose: str | None, card: bool
) -> None:
    cleaned = clean_purpose(purpose or "")
    if purpose and purpose.strip() and not cleaned:
        with pytest.raises(VietQRError, match="purpose_unusable"):
            encode(bin=bin_, account=account, purpose=purpose)
        return
    payload = encode(bin=bin_, account=account, amount_vnd=amount_vnd, purpose=purpose, card=card)
    decoded = decode(payload)
    assert payload.isascii()
    assert (decoded.bin, decoded.account, decoded.amount_vnd) == (
        bin_,
        account,
        amount_vnd,
    )
    assert decoded.purpose == (cleaned or None)
    assert decoded.service == ("QRIBFTTC" if card else "QRIBFTTA")
    assert decoded.initiation == ("11" if amount_vnd is None else "12")
    assert {notice.code for notice in decoded.warnings} <= {"bin_unknown"}


@settings(max_examples=400)
@given(st.data())
def test_one_wrong_character_is_refused_or_shows(data: st.DataObject) -> None:
    """A CRC of 16 bits finds every wrong ASCII character; only the case of its own letters may differ."""
    payload = data.draw(st.sampled_from([row["payload"] for row in POSITIVE]))
    at = data.draw(st.integers(0, len(payload) - 1))
    char = data.draw(st.characters(codec="ascii") | st.characters())
    mutated = payload[:at] + char + payload[at + 1 :]
    read = outcome(mutated)
    # A character of several bytes is a longer burst than the CRC promises to find; even that is noticed.
    if isinstance(read, Decoded) and mutated != payload:
        assert {notice.code for notice in read.warnings} & {"crc_lower_case", "not_ascii"}


@given(st.text() | st.text("0123456789").map(lambda text: "000201" + text))
@example("00020163040000")
@example("000201" + "62" + "02" + "ạ" + "6304")
def test_no_text_crashes_the_decoder(text: str) -> None:
    read = outcome(text)
    assert isinstance(read, Decoded) or read.code in REFUSALS
