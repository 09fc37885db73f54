from __future__ import annotations

from django.urls import path

from storefront.shop import basket, browsing, checkout, orders

urlpatterns = [
    path("", browsing.home, name="home"),
    path("hang/<slug:slug>/", browsing.product, name="product"),
    path("gio/", basket.show, name="basket"),
    path("gio/them/", basket.add, name="basket-add"),
    path("gio/sua/", basket.change, name="basket-change"),
    path("dat-hang/", checkout.checkout, name="checkout"),
    path("don/<str:token>/", orders.purchase, name="purchase"),
    path("don/<str:token>/<int:index>/", orders.sale, name="sale"),
    path("don/<str:token>/<int:index>/ma.png", orders.qr_image, name="sale-qr"),
    path("don/<str:token>/<int:index>/huy/", orders.cancel, name="sale-cancel"),
]
