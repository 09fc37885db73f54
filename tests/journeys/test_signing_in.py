"""Somebody new opens an account, leaves, and comes back: with scripts, on a phone. The rest is tried without a browser."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.journeys.people import Crowd, Way
from tests.journeys.tour import Tour
from tests.services.market import PASSWORD

OWN = "một câu chỉ mình tôi biết"


def test_somebody_signs_up_leaves_and_signs_in_again(crowd: Crowd) -> None:
    window = crowd.join(Way("script", "phone"), Tour("dang-nhap", "")).window
    phone = "0981 234 567"

    # -- signing up: a password that will not do is named at its field, and what was typed stays --
    window.go("/dang-ky/")
    window.write("Họ tên", "Lê Thị Hai")
    window.write("Số điện thoại hoặc thư điện tử", phone)
    window.write("Mật khẩu", "12345678")
    window.write("Nhập lại mật khẩu", "12345678")
    window.press(window.button("Đăng ký"))
    expect(window.page.get_by_label("Mật khẩu", exact=True)).to_have_attribute("aria-invalid", "true")
    expect(window.page.get_by_label("Họ tên")).to_have_value("Lê Thị Hai")
    window.write("Mật khẩu", OWN)
    window.write("Nhập lại mật khẩu", OWN)
    window.press(window.button("Đăng ký"))
    expect(window.heading("Lê Thị Hai")).to_be_visible()
    expect(window.page.get_by_text("0981 234 567")).to_be_visible()

    # -- leaving: the page is closed to whoever takes the phone next --
    window.press(window.button("Đăng xuất"))
    window.go("/toi/tai-khoan/")
    expect(window.button("Đăng nhập")).to_be_visible()

    # -- coming back: a wrong password first, which says nothing about whether the number is known --
    window.write("Số điện thoại hoặc thư điện tử", phone)
    window.write("Mật khẩu", PASSWORD)
    window.press(window.button("Đăng nhập"))
    expect(
        window.page.get_by_text("Số điện thoại, thư điện tử hoặc mật khẩu chưa đúng.").first
    ).to_be_visible()
    window.write("Mật khẩu", OWN)
    window.press(window.button("Đăng nhập"))
    expect(window.heading("Lê Thị Hai")).to_be_visible()
    expect(window.page).to_have_url(f"{window.person.market.url}/toi/tai-khoan/")
    window.check_quiet()
