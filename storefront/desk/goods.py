"""The seller's goods: listing one takes three short screens, and nothing typed is lost between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from backend.accounts.access import access_seller, actor_of
from backend.catalogue import services as catalogue
from backend.commerce import shop
from backend.commerce.errors import ProductNotFound, ShopError
from backend.commerce.labels import path_of
from backend.commerce.values import Product, ProductDraft, VariantDraft
from backend.sales.pictures import pictures_of, remove_picture, set_picture
from backend.sales.queries import waiting_for_seller
from storefront.desk.forms import MOST_PHOTOS, GoodForm, LabelForm, PhotosForm, SellerPictureForm

if TYPE_CHECKING:
    from backend.accounts.models import Seller


def _own(seller: Seller, product_id: str) -> Product:
    """A product of this very seller. Raises ProductNotFound for anybody else's."""
    good = shop().products([product_id]).get(product_id)
    if good is None or good.seller_id != str(seller.pk):
        raise ProductNotFound()
    return good


def _page(
    request: HttpRequest, template: str, seller: Seller, *, status: int = 200, **context: object
) -> HttpResponse:
    everything = {"seller": seller, "tab": "goods", "waiting": waiting_for_seller(seller.pk), **context}
    return render(request, template, everything, status=status)


@login_required
@require_GET
def goods(request: HttpRequest, seller_id: int) -> HttpResponse:
    """What this seller sells, drafts first."""
    seller = access_seller(request.user, seller_id)
    page = shop().products_page(seller_id=str(seller.pk), after=request.GET.get("sau") or None, limit=50)
    return _page(request, "desk/goods.html", seller, page=page)


@login_required
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest, seller_id: int) -> HttpResponse:
    """Screen one of three: the essentials. The good is kept at once, unpublished, so that nothing is lost."""
    seller = access_seller(request.user, seller_id)
    form = GoodForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            good = shop().create_product(
                key=f"desk:{form.cleaned_data['key']}", draft=form.draft(seller_id=seller.pk)
            )
        except ShopError as refusal:
            form.add_error(None, str(refusal))
        else:
            catalogue.refresh([good.id])
            return redirect("desk-photos", seller_id=seller.pk, product_id=good.id)
    return _page(request, "desk/good.html", seller, form=form, step=1, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, seller_id: int, product_id: str) -> HttpResponse:
    """Screen one again, for a good that exists: name, price, stock."""
    seller = access_seller(request.user, seller_id)
    good = _own(seller, product_id)
    variant = good.variant
    initial = {
        "name": good.name,
        "unit": variant.unit,
        "price": variant.price,
        "quantity": variant.available,
        "was": variant.available,
        "category": good.category_id,
        "description": good.description,
    }
    form = GoodForm(request.POST or None, initial=initial, known=good)
    if request.method == "POST" and form.is_valid():
        try:
            shop().update_product(
                key=f"desk:{form.cleaned_data['key']}",
                product_id=good.id,
                draft=form.draft(seller_id=seller.pk),
            )
        except ShopError as refusal:
            form.add_error(None, str(refusal))
        else:
            catalogue.refresh([good.id])
            if not good.published:
                return redirect("desk-photos", seller_id=seller.pk, product_id=good.id)
            messages.success(request, _("Đã lưu %(name)s.") % {"name": form.cleaned_data["name"]})
            return redirect("desk-goods", seller_id=seller.pk)
    return _page(
        request, "desk/good.html", seller, form=form, good=good, step=1, status=422 if form.errors else 200
    )


@login_required
@require_http_methods(["GET", "POST"])
def photos(request: HttpRequest, seller_id: int, product_id: str) -> HttpResponse:
    """Screen two of three: photographs. Each is kept as soon as it is read; one that cannot be read is named."""
    seller = access_seller(request.user, seller_id)
    good = _own(seller, product_id)
    form = PhotosForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and request.POST.get("remove"):
        if good.published and [each.id for each in good.images] == [request.POST["remove"]]:
            messages.error(request, _("Hàng trên kệ phải có ảnh. Xin gửi ảnh mới trước, rồi bỏ ảnh này."))
            return redirect("desk-photos", seller_id=seller.pk, product_id=good.id)
        key = f"remove:{good.id}:{request.POST['remove'][:64]}"
        shop().remove_image(key=key, product_id=good.id, image_id=request.POST["remove"][:64])
        catalogue.refresh([good.id])
        return redirect("desk-photos", seller_id=seller.pk, product_id=good.id)
    if request.method == "POST" and form.is_valid():
        for index, photo in enumerate(form.cleaned_data["photos"]):
            try:
                good = shop().add_image(
                    key=f"desk:{form.cleaned_data['key']}:{index}",
                    product_id=good.id,
                    content=photo.read(),
                    alt=good.name,
                )
            except ShopError as refusal:
                form.add_error("photos", f"{photo.name}: {refusal}")
        catalogue.refresh([good.id])
        if not form.errors:
            if not good.images:
                form.add_error("photos", _("Khách chỉ mua khi thấy hàng: xin gửi ít nhất một ảnh."))
            else:
                return redirect("desk-label", seller_id=seller.pk, product_id=good.id)
    left = MOST_PHOTOS - len(good.images)
    return _page(
        request,
        "desk/photos.html",
        seller,
        form=form,
        good=good,
        left=left,
        step=2,
        status=422 if form.errors else 200,
    )


@login_required
@require_http_methods(["GET", "POST"])
def picture(request: HttpRequest, seller_id: int) -> HttpResponse:
    """The seller's own picture: who makes the goods, or where."""
    seller = access_seller(request.user, seller_id)
    if request.method == "POST" and request.POST.get("remove"):
        remove_picture(seller_id=seller.pk, actor=actor_of(request.user))
        return redirect("desk-picture", seller_id=seller.pk)
    form = SellerPictureForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if request.method == "POST" and form.is_valid():
        try:
            content = form.cleaned_data["photos"][0].read()
            set_picture(seller_id=seller.pk, content=content, actor=actor_of(request.user))
        except ShopError as refusal:
            form.add_error("photos", str(refusal))
        else:
            messages.success(request, _("Đã lưu ảnh. Khách thấy ngay ở mỗi món hàng."))
            return redirect("desk-picture", seller_id=seller.pk)
    return _page(
        request,
        "desk/picture.html",
        seller,
        form=form,
        seller_picture=pictures_of([seller.pk]).get(seller.pk),
        status=422 if form.errors else 200,
    )


@login_required
@require_http_methods(["GET", "POST"])
def label(request: HttpRequest, seller_id: int, product_id: str) -> HttpResponse:
    """Screen three of three: the label, then on sale."""
    seller = access_seller(request.user, seller_id)
    good = _own(seller, product_id)
    known = {
        "net_quantity": good.variant.unit,
        "producer": seller.name,
        "producer_address": ", ".join(
            part for part in (seller.hamlet, str(seller.commune), str(seller.commune.province)) if part
        ),
        "origin": _("Việt Nam"),
        **good.label,
    }
    form = LabelForm(request.POST or None, initial=known, path=path_of(good.category_id, shop().categories()))
    hide = request.POST.get("verb") == "hide"
    if request.method == "POST" and form.is_valid() and (hide or form.check_complete()):
        # Without a photograph the label is kept, and the good waits for one.
        publish = not hide and bool(good.images)
        draft = ProductDraft(
            name=good.name,
            seller_id=good.seller_id,
            category_id=good.category_id,
            description=good.description,
            variants=tuple(VariantDraft.unchanged(variant) for variant in good.variants),
            label=form.label_data(),
            published=publish,
        )
        try:
            shop().update_product(key=f"desk:{form.cleaned_data['key']}", product_id=good.id, draft=draft)
        except ShopError as refusal:
            form.add_error(None, str(refusal))
        else:
            catalogue.refresh([good.id])
            if not hide and not publish:
                messages.error(
                    request, _("Đã giữ nhãn. Chưa lên kệ được vì chưa có ảnh: xin gửi ít nhất một ảnh.")
                )
                return redirect("desk-photos", seller_id=seller.pk, product_id=good.id)
            done = _("%(name)s đã lên kệ.") if publish else _("%(name)s đã cất khỏi kệ.")
            messages.success(request, done % {"name": good.name})
            return redirect("desk-goods", seller_id=seller.pk)
    return _page(
        request, "desk/label.html", seller, form=form, good=good, step=3, status=422 if form.errors else 200
    )
