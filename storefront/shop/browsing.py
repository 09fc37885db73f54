"""Finding goods and reading about one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from backend.accounts.access import find_active_seller
from backend.catalogue import queries as catalogue
from backend.commerce import shop
from backend.commerce.errors import ProductNotFound
from backend.common import clock
from backend.ocop.queries import stars_for
from backend.sales.delivery import terms_for
from backend.sales.pictures import pictures_of
from storefront.fields import whole_number

LABEL_FIELDS = (
    ("net_quantity", _("Định lượng")),
    ("made_on", _("Ngày sản xuất")),
    ("best_before", _("Hạn sử dụng")),
    ("ingredients", _("Thành phần")),
    ("nutrition", _("Dinh dưỡng")),
    ("warning", _("Lưu ý")),
    ("usage", _("Cách dùng")),
    ("storage", _("Bảo quản")),
    ("origin", _("Xuất xứ")),
    ("producer", _("Người sản xuất")),
    ("producer_address", _("Địa chỉ sản xuất")),
    ("self_declaration", _("Bản tự công bố")),
)
"""What Nghị định 37/2026/NĐ-CP (điều 41 and phụ lục I) wants shown with goods that are sold online, in its order."""


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The catalogue: search, groups, stars; page by page."""
    asked = request.GET
    stars = asked.get("sao", "")
    found = catalogue.search(
        text=asked.get("q", "")[:100],
        category=asked.get("nhom", "")[:80] or None,
        commune=asked.get("xa", "")[:5] or None,
        seller=asked.get("ban", "")[:18] or None,
        stars=int(stars) if stars in {"3", "4", "5"} else None,
        sort=asked.get("xep", "") or None,
        page=whole_number(asked.get("trang", ""), digits=5) or 1,
    )
    kept = asked.copy()
    kept.pop("trang", None)
    sold_by = whole_number(asked.get("ban", ""), digits=18)
    seller = find_active_seller(sold_by) if sold_by is not None else None
    context = {"found": found, "asked": asked, "kept": kept.urlencode(), "seller": seller}
    if seller is not None:
        context["seller_picture"] = pictures_of([seller.pk]).get(seller.pk)
    return render(request, "shop/home.html", context)


@require_GET
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """One good: pictures, price, stars in force, label, who made it and where."""
    good = shop().find_product(slug=slug)
    if good is None or not good.published:
        raise ProductNotFound()
    seller = find_active_seller(int(good.seller_id))
    if seller is None:
        raise ProductNotFound()
    terms = terms_for([seller.pk])[seller.pk]
    label = [(name, good.label[key]) for key, name in LABEL_FIELDS if good.label.get(key)]
    context = {
        "good": good,
        "variant": good.foremost,
        "sizes": sorted(good.variants, key=lambda each: each.price.amount),
        "seller": seller,
        "seller_picture": pictures_of([seller.pk]).get(seller.pk),
        "terms": terms,
        "label": label,
        "stars": stars_for([good.id], on=clock.today()).get(good.id),
    }
    return render(request, "shop/product.html", context)
