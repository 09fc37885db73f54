from __future__ import annotations

from django.urls import path

from storefront.desk import goods, money, orders

urlpatterns = [
    path("", orders.entrance, name="desk"),
    path("<int:seller_id>/", orders.orders, name="desk-orders"),
    path("<int:seller_id>/hang/", goods.goods, name="desk-goods"),
    path("<int:seller_id>/hang/moi/", goods.create, name="desk-new"),
    path("<int:seller_id>/hang/<str:product_id>/", goods.edit, name="desk-edit"),
    path("<int:seller_id>/hang/<str:product_id>/anh/", goods.photos, name="desk-photos"),
    path("<int:seller_id>/hang/<str:product_id>/nhan/", goods.label, name="desk-label"),
    path("<int:seller_id>/tien/", money.unclear, name="desk-money"),
    path("<int:seller_id>/anh/", goods.picture, name="desk-picture"),
    path("don/<str:sale_id>/", orders.order, name="desk-order"),
    path("don/<str:sale_id>/<str:verb>/", orders.act, name="desk-act"),
]
