"""Reading goods through /graphql/."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from backend.commerce.naming import attribute_name, global_id
from tests.api.conftest import ROWS, Door, Goods
from tests.contract.conftest import make_photo, new_key

LIST = """
query ($first: Int, $after: String, $last: Int, $before: String, $search: String, $where: ProductWhereInput,
       $filter: ProductFilterInput, $sortBy: ProductOrder, $channel: String = "cho") {
  products(channel: $channel, first: $first, after: $after, last: $last, before: $before, search: $search,
           where: $where, filter: $filter, sortBy: $sortBy) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { slug } }
  }
}
"""
ALL = ["banh-tet-la-cam", "ca-phe-bot", "dua-leo", "nam-linh-chi-do", "rau-mong-toi"]


def slugs(data: Any) -> list[str]:
    return [edge["node"]["slug"] for edge in data["products"]["edges"]]


def cursor(*parts: str) -> str:
    return base64.b64encode(json.dumps(parts).encode()).decode()


def test_a_page_is_sorted_by_slug_and_knows_its_ends(anybody: Door, goods: Goods) -> None:
    found = anybody(LIST, first=2).data["products"]

    assert found["totalCount"] == 5
    assert [edge["node"]["slug"] for edge in found["edges"]] == ALL[:2]
    assert [edge["cursor"] for edge in found["edges"]] == [cursor(slug, goods[slug].id) for slug in ALL[:2]]
    assert found["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": cursor(ALL[0], goods[ALL[0]].id),
        "endCursor": cursor(ALL[1], goods[ALL[1]].id),
    }


def test_pages_follow_one_another_forwards_and_backwards(anybody: Door, goods: Goods) -> None:
    second = anybody(LIST, first=2, after=cursor(ALL[1], goods[ALL[1]].id)).data
    last = anybody(LIST, last=2).data
    before = anybody(LIST, last=2, before=last["products"]["pageInfo"]["startCursor"]).data

    assert (slugs(second), slugs(last), slugs(before)) == (ALL[2:4], ALL[3:], ALL[1:3])
    assert second["products"]["pageInfo"]["hasPreviousPage"]
    assert (last["products"]["pageInfo"]["hasNextPage"], last["products"]["pageInfo"]["hasPreviousPage"]) == (
        False,
        True,
    )


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "You must provide a `first` or `last` value to properly paginate the `products` connection."),
        ({"first": 1, "last": 1}, "Paginating with both `first` and `last` is not supported."),
        (
            {"first": 101},
            "Requesting 101 records on the `products` connection exceeds the `first` limit of 100 records.",
        ),
        (
            {"last": 101},
            "Requesting 101 records on the `products` connection exceeds the `last` limit of 100 records.",
        ),
        ({"first": 1, "after": "x"}, "Received cursor is invalid."),
        ({"first": 1, "after": cursor("a")}, "Received cursor is invalid."),
        (
            {"first": 1, "sortBy": {"field": "RANK", "direction": "DESC"}},
            "Sorting by RANK is available only when using a search filter.",
        ),
        (
            {"first": 1, "where": {"isPublished": True}, "filter": {"isPublished": True}},
            "Only one filtering argument (filter or where) can be specified.",
        ),
    ],
)
def test_a_page_that_cannot_be_is_an_error(
    anybody: Door, goods: Goods, asked: dict[str, Any], said: str
) -> None:
    answer = anybody(LIST, **asked)

    assert (answer.status, answer.messages[0]) == (200, said)
    assert answer.body["data"]["products"] is None


def test_the_count_alone_needs_no_page(anybody: Door, goods: Goods) -> None:
    assert anybody("{ products { totalCount } }").data == {"products": {"totalCount": 5}}


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ({"field": "NAME", "direction": "DESC"}, ALL[::-1]),
        (
            {"field": "PRICE", "direction": "ASC"},
            ["rau-mong-toi", "dua-leo", "banh-tet-la-cam", "ca-phe-bot", "nam-linh-chi-do"],
        ),
        (
            {"field": "MINIMAL_PRICE", "direction": "DESC"},
            ["nam-linh-chi-do", "ca-phe-bot", "banh-tet-la-cam", "dua-leo", "rau-mong-toi"],
        ),
        ({"field": "CREATED_AT", "direction": "ASC"}, [row[0] for row in ROWS]),
        ({"field": "DATE", "direction": "DESC"}, [row[0] for row in ROWS][::-1]),
        ({"field": "RATING", "direction": "ASC"}, ALL),
        ({"field": "COLLECTION", "direction": "ASC"}, ALL),
    ],
)
def test_every_sort_pages_without_gaps(
    anybody: Door, goods: Goods, sort: dict[str, str], expected: list[str]
) -> None:
    seen: list[str] = []
    after = None
    for _ in range(3):
        found = anybody(LIST, first=2, after=after, sortBy=sort).data
        seen += slugs(found)
        after = found["products"]["pageInfo"]["endCursor"]

    assert seen == expected


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"slug": {"eq": "dua-leo"}}, ["dua-leo"]),
        ({"name": {"oneOf": ["Dưa leo", "Cà phê bột"]}}, ["ca-phe-bot", "dua-leo"]),
        ({"price": {"range": {"gte": 16999.5, "lte": 70000}}}, ["banh-tet-la-cam", "dua-leo"]),
        ({"price": {"eq": 12000}}, ["rau-mong-toi"]),
        ({"price": {"eq": 12000.5}}, []),
        ({"minimalPrice": {"range": {"lte": 12000}}}, ["rau-mong-toi"]),
        ({"stockAvailability": "IN_STOCK"}, [slug for slug in ALL if slug != "dua-leo"]),
        ({"stockAvailability": "OUT_OF_STOCK"}, ["dua-leo"]),
        ({"stocks": {"quantity": {"gte": 10, "lte": 30}}}, ["ca-phe-bot"]),
        (
            {"attributes": [{"slug": "don-vi", "value": {"slug": {"oneOf": ["kg", "goi-500-g"]}}}]},
            ["ca-phe-bot", "dua-leo"],
        ),
        ({"attributes": [{"slug": "don-vi", "values": ["kg"]}]}, ["dua-leo"]),
        ({"attributes": [{"slug": "nhan-origin", "value": {"name": {"eq": "Thoại Sơn, An Giang"}}}]}, ALL),
        ({"attributes": [{"slug": "nhan-storage"}]}, []),
        ({"attributes": [{"slug": "unknown"}]}, []),
        ({"attributes": [{"slug": "don-vi", "value": {"numeric": {"eq": 4}}}]}, []),
        ({"giftCard": True}, []),
        ({"hasCategory": True}, ALL),
        ({"metadata": [{"key": "cho.seller", "value": "nobody"}]}, []),
        ({"metadata": [{"key": "unknown"}]}, []),
        (
            {"OR": [{"slug": {"eq": "dua-leo"}}, {"AND": [{"price": {"range": {"gte": 100000}}}]}]},
            ["ca-phe-bot", "dua-leo", "nam-linh-chi-do"],
        ),
    ],
)
def test_where(anybody: Door, goods: Goods, where: dict[str, Any], expected: list[str]) -> None:
    found = anybody(LIST, first=10, where=where).data

    assert (slugs(found), found["products"]["totalCount"]) == (expected, len(expected))


def test_where_by_ids_category_and_seller(anybody: Door, goods: Goods) -> None:
    food = global_id("Category", goods.market.category("thuc-pham"))
    one = global_id("Product", goods["dua-leo"].id)

    assert slugs(anybody(LIST, first=10, where={"ids": [one, "nonsense"]}).data) == ["dua-leo"]
    assert slugs(anybody(LIST, first=10, where={"category": {"eq": food}}).data) == [
        slug for slug in ALL if slug != "nam-linh-chi-do"
    ]
    mine = {"metadata": [{"key": "cho.seller", "value": goods.sellers[1]}]}
    assert slugs(anybody(LIST, first=10, where=mine).data) == ["dua-leo", "rau-mong-toi"]


def test_the_older_filter(anybody: Door, goods: Goods) -> None:
    vegetables = global_id("Category", goods.market.category("rau-cu-qua"))

    assert slugs(anybody(LIST, first=12, filter={"categories": [vegetables]}).data) == [
        "dua-leo",
        "rau-mong-toi",
    ]
    assert slugs(anybody(LIST, first=12, filter={"price": {"gte": 17000, "lte": 70000}}).data) == [
        "banh-tet-la-cam",
        "dua-leo",
    ]
    assert slugs(anybody(LIST, first=20, filter={"search": "mồng tơi"}).data) == ["rau-mong-toi"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("linh chi do", ["nam-linh-chi-do"]),
        ("LINH CHI ĐỎ", ["nam-linh-chi-do"]),
        ("dua l", ["dua-leo"]),
        ("dư lê", ["dua-leo"]),
        ("linh OR dưa", ["dua-leo", "nam-linh-chi-do"]),
        ('linh -"chi đỏ"', []),
        ('-linh "leo"', ["dua-leo"]),
        ("nothing of this", []),
        ("!!!", []),
    ],
)
def test_search_folds_vietnamese(anybody: Door, goods: Goods, text: str, expected: list[str]) -> None:
    assert slugs(anybody(LIST, first=20, search=text).data) == expected


def test_search_ranks_and_pages(anybody: Door, goods: Goods) -> None:
    by_rank = {"field": "RANK", "direction": "DESC"}
    everything = anybody(LIST, first=20, search="sen", sortBy=by_rank).data
    first = anybody(LIST, first=2, search="sen", sortBy=by_rank).data
    rest = anybody(
        LIST, first=2, search="sen", sortBy=by_rank, after=first["products"]["pageInfo"]["endCursor"]
    ).data
    by_price = anybody(LIST, first=20, search="sen", sortBy={"field": "PRICE", "direction": "ASC"}).data

    assert everything["products"]["totalCount"] == 3
    assert slugs(first) + slugs(rest) == slugs(everything)
    assert slugs(by_price) == ["banh-tet-la-cam", "ca-phe-bot", "nam-linh-chi-do"]


def test_another_channel_has_nothing(anybody: Door, goods: Goods) -> None:
    assert slugs(anybody(LIST, first=5, channel="other").data) == []
    assert slugs(anybody(LIST, first=5, channel=None).data) == ALL


DETAIL = """
query ($slug: String!) { product(slug: $slug, channel: "cho") {
  id slug name description seoTitle isAvailable isAvailableForPurchase rating weight { value }
  category { slug level ancestors(first: 5) { edges { node { slug } } } parent { slug } }
  collections { id } productType { slug hasVariants isShippingRequired }
  media { id } thumbnail(size: 256, format: WEBP) { url }
  metadata { key value } seller: metafield(key: "cho.seller") some: metafields(keys: ["cho.label.grade", "x"])
  attributes { attribute { slug name inputType } values { slug name plainText richText boolean } }
  assignedAttributes(limit: 2) { __typename attribute { slug } }
  assignedAttribute(slug: "nhan-origin") { ... on AssignedPlainTextAttribute { value translation(languageCode: EN) } }
  other: assignedAttribute(slug: "other") { __typename }
  pricing { onSale displayGrossPrices priceRange { start { ...T } stop { gross { amount } } } }
  variants { id name sku quantityAvailable quantityLimitPerCustomer trackInventory weight { unit value }
    selection: attributes(variantSelection: VARIANT_SELECTION) { attribute { slug inputType } values { slug name } }
    others: attributes(variantSelection: NOT_VARIANT_SELECTION) { attribute { slug } }
    assignedAttributes { __typename ... on AssignedSingleChoiceAttribute { value { slug name } } }
    pricing { onSale price { ...T } priceUndiscounted { gross { amount } } } media { url } product { slug } }
  productVariants(first: 100) { totalCount edges { node { sku } } }
  translation(languageCode: VI) { name }
} }
fragment T on TaxedMoney { currency gross { amount currency fractionalAmount fractionDigits } net { amount } tax { amount } }
"""


def test_a_product_whole(anybody: Door, goods: Goods) -> None:
    answer = anybody(DETAIL, slug="dua-leo")
    price = {
        "currency": "VND",
        "gross": {"amount": 17000.0, "currency": "VND", "fractionalAmount": 17000, "fractionDigits": 0},
        "net": {"amount": 17000.0},
        "tax": {"amount": 0.0},
    }
    product, variant = goods["dua-leo"], goods["dua-leo"].variant
    found = answer.data["product"]
    attributes = found.pop("attributes")

    assert found == {
        "id": global_id("Product", product.id),
        "slug": "dua-leo",
        "name": "Dưa leo",
        "description": json.dumps(
            {
                "time": 0,
                "blocks": [
                    {"id": "p0", "data": {"text": "Hái buổi sáng."}, "type": "paragraph"},
                    {"id": "p1", "data": {"text": "Giao trong ngày."}, "type": "paragraph"},
                ],
                "version": "2.24.3",
            }
        ),
        "seoTitle": None,
        "isAvailable": False,
        "isAvailableForPurchase": True,
        "rating": None,
        "weight": None,
        "category": {
            "slug": "rau-cu-qua",
            "level": 2,
            "ancestors": {"edges": [{"node": {"slug": "thuc-pham"}}, {"node": {"slug": "tuoi-song"}}]},
            "parent": {"slug": "tuoi-song"},
        },
        "collections": [],
        "productType": {"slug": "hang-cho", "hasVariants": True, "isShippingRequired": True},
        "media": [],
        "thumbnail": None,
        "metadata": [
            {"key": "cho.label.grade", "value": "A"},
            {"key": "cho.seller", "value": goods.sellers[1]},
        ],
        "seller": goods.sellers[1],
        "some": {"cho.label.grade": "A"},
        "assignedAttributes": [
            {"__typename": "AssignedPlainTextAttribute", "attribute": {"slug": "nhan-net-quantity"}},
            {"__typename": "AssignedPlainTextAttribute", "attribute": {"slug": "nhan-made-on"}},
        ],
        "assignedAttribute": {"value": "Thoại Sơn, An Giang", "translation": None},
        "other": None,
        "pricing": {
            "onSale": False,
            "displayGrossPrices": True,
            "priceRange": {"start": price, "stop": {"gross": {"amount": 17000.0}}},
        },
        "variants": [
            {
                "id": global_id("ProductVariant", variant.id),
                "name": "kg",
                "sku": "SKU-dua-leo",
                "quantityAvailable": 0,
                "quantityLimitPerCustomer": None,
                "trackInventory": True,
                "weight": {"unit": "KG", "value": 0.3},
                "selection": [
                    {
                        "attribute": {"slug": "don-vi", "inputType": "DROPDOWN"},
                        "values": [{"slug": "kg", "name": "kg"}],
                    }
                ],
                "others": [],
                "assignedAttributes": [
                    {"__typename": "AssignedSingleChoiceAttribute", "value": {"slug": "kg", "name": "kg"}}
                ],
                "pricing": {
                    "onSale": False,
                    "price": price,
                    "priceUndiscounted": {"gross": {"amount": 17000.0}},
                },
                "media": [],
                "product": {"slug": "dua-leo"},
            }
        ],
        "productVariants": {"totalCount": 1, "edges": [{"node": {"sku": "SKU-dua-leo"}}]},
        "translation": None,
    }
    assert len(attributes) == 12
    assert [each for each in attributes if each["values"]] == [
        {
            "attribute": {
                "slug": "nhan-origin",
                "name": attribute_name("nhan-origin"),
                "inputType": "PLAIN_TEXT",
            },
            "values": [
                {
                    "slug": f"product-{product.id}_10",
                    "name": "Thoại Sơn, An Giang",
                    "plainText": "Thoại Sơn, An Giang",
                    "richText": None,
                    "boolean": None,
                }
            ],
        }
    ]
    assert answer.statements <= 6


def test_a_product_by_id_reference_or_language(anybody: Door, goods: Goods) -> None:
    query = """query ($id: ID, $slug: String, $ref: String) {
      product(id: $id, slug: $slug, externalReference: $ref) { slug } }"""

    assert anybody(query, id=global_id("Product", goods["dua-leo"].id)).data == {
        "product": {"slug": "dua-leo"}
    }
    assert anybody(query, id="nonsense").data == {"product": None}
    assert anybody(query, ref="none").data == {"product": None}
    assert anybody(query).messages == [
        "At least one of arguments is required: 'id', 'slug', 'external_reference'."
    ]
    assert anybody(query, id="a", slug="b").messages == ["Argument 'id' cannot be combined with 'slug'"]
    # A storefront first asks for a translated slug; there is none, and it asks again without a language.
    assert anybody('{ product(slug: "dua-leo", slugLanguageCode: VI) { slug } }').data == {"product": None}


def test_goods_off_the_shelf_are_for_those_who_keep_them(anybody: Door, app: Door, goods: Goods) -> None:
    from backend.engine import models

    models.Product.objects.filter(slug="dua-leo").update(published=False)
    query = '{ product(slug: "dua-leo") { slug isAvailableForPurchase } }'

    assert anybody(query).data == {"product": None}
    assert "dua-leo" not in slugs(anybody(LIST, first=10).data)
    assert app(query).data == {"product": {"slug": "dua-leo", "isAvailableForPurchase": False}}


def test_stocks_and_listings_are_for_those_who_keep_the_goods(anybody: Door, app: Door, goods: Goods) -> None:
    stocks = '{ product(slug: "ca-phe-bot") { variants { stocks { quantity quantityAllocated warehouse { slug name } } } } }'
    listings = '{ product(slug: "ca-phe-bot") { channelListings { isPublished channel { slug } } } }'
    start = "To access this path, you need one of the following permissions: "

    assert anybody(stocks).messages == [start + "MANAGE_PRODUCTS, MANAGE_ORDERS"]
    assert anybody(listings).messages == [start + "AUTHENTICATED_APP, AUTHENTICATED_STAFF_USER"]
    assert anybody(stocks).body["errors"][0]["extensions"] == {"exception": {"code": "PermissionDenied"}}
    assert app(stocks).data["product"]["variants"] == [
        {
            "stocks": [
                {
                    "quantity": 30,
                    "quantityAllocated": 0,
                    "warehouse": {"slug": f"seller-{goods.sellers[0]}", "name": "Hộ Út Sen"},
                }
            ]
        }
    ]
    assert app(listings).data["product"]["channelListings"] == [
        {"isPublished": True, "channel": {"slug": "cho"}}
    ]


PAGE = """
{ products(first: 24, channel: "cho") { totalCount pageInfo { hasNextPage endCursor }
  edges { cursor node { id name slug created updatedAt isAvailable rating translation(languageCode: VI) { name }
    category { id name slug parent { name } } productType { id name } thumbnail(size: 256, format: WEBP) { url alt }
    attributes { attribute { slug } values { name } } variants { sku attributes { values { name } } product { slug } }
    pricing { onSale priceRange { start { gross { amount currency } } stop { gross { amount currency } } } } } } } }
"""


def test_a_list_costs_the_same_however_long_it_is(anybody: Door, goods: Goods) -> None:
    few = anybody(PAGE)
    shop, picture = goods.market.shop, make_photo("green")
    for n in range(24):
        draft = goods.market.draft(goods.sellers[n % 2], name=f"Rau số {n}")
        two_sizes = (draft.variants[0], replace(draft.variants[0], unit="bó 500 g", weight_g=500))
        made = shop.create_product(key=new_key(), draft=replace(draft, variants=two_sizes))
        shop.add_image(key=new_key(), product_id=made.id, content=picture, alt="")
    many = anybody(PAGE)

    assert len(few.data["products"]["edges"]) == 5
    nodes = [edge["node"] for edge in many.data["products"]["edges"]]
    assert len(nodes) == 24
    assert sum(len(node["variants"]) == 2 and node["thumbnail"] is not None for node in nodes) >= 19
    assert few.statements == many.statements <= 5


def test_categories(anybody: Door, goods: Goods) -> None:
    query = """query ($level: Int, $filter: CategoryFilterInput, $sortBy: CategorySortingInput) {
      categories(level: $level, first: 3, filter: $filter, sortBy: $sortBy) { totalCount
        edges { node { slug level backgroundImage { url }
          children(first: 2) { totalCount edges { node { slug } } } } } } }"""

    def found(**asked: Any) -> tuple[int, list[str]]:
        data = anybody(query, **asked).data["categories"]
        return data["totalCount"], [edge["node"]["slug"] for edge in data["edges"]]

    groups = anybody(query, level=0).data["categories"]
    assert groups["totalCount"] == 6
    assert groups["edges"][0]["node"] == {
        "slug": "thuc-pham",
        "level": 0,
        "children": {
            "totalCount": 6,
            "edges": [{"node": {"slug": "tuoi-song"}}, {"node": {"slug": "so-che"}}],
        },
        "backgroundImage": None,
    }
    assert found(filter={"slugs": ["hoa", "du-lich"]}) == (2, ["hoa", "du-lich"])
    assert found(filter={"search": "do uong co con"}) == (1, ["do-uong-co-con"])
    most = {"field": "PRODUCT_COUNT", "direction": "DESC"}
    assert found(level=2, sortBy=most)[1][0] == "rau-cu-qua"


def test_a_category_has_the_goods_below_it(anybody: Door, goods: Goods) -> None:
    query = """query ($slug: String!) { category(slug: $slug) { name
      products(first: 12, channel: "cho", sortBy: { field: PRICE, direction: DESC }) { edges { node { slug } } } } }"""

    assert anybody(query, slug="tuoi-song").data["category"] == {
        "name": "Thực phẩm tươi sống",
        "products": {"edges": [{"node": {"slug": "dua-leo"}}, {"node": {"slug": "rau-mong-toi"}}]},
    }
    assert anybody('{ category(slug: "hoa", slugLanguageCode: VI) { id } }').data == {"category": None}


def test_facets(anybody: Door, goods: Goods) -> None:
    query = """{ attributes(first: 50, channel: "cho", where: { slug: { oneOf: ["don-vi", "nhan-origin"] },
      visibleInStorefront: true, type: { eq: PRODUCT_TYPE } }) { totalCount edges { node { slug inputType unit withChoices
      choices(first: 2) { totalCount edges { node { slug name value } } } } } } }"""

    assert anybody(query).data["attributes"] == {
        "totalCount": 2,
        "edges": [
            {
                "node": {
                    "slug": "don-vi",
                    "inputType": "DROPDOWN",
                    "unit": None,
                    "withChoices": True,
                    "choices": {
                        "totalCount": 5,
                        "edges": [
                            {"node": {"slug": "bo-300-g", "name": "bó 300 g", "value": ""}},
                            {"node": {"slug": "don-800-g", "name": "đòn 800 g", "value": ""}},
                        ],
                    },
                }
            },
            {
                "node": {
                    "slug": "nhan-origin",
                    "inputType": "PLAIN_TEXT",
                    "unit": None,
                    "withChoices": False,
                    "choices": {"totalCount": 0, "edges": []},
                }
            },
        ],
    }


def test_variants_by_id_and_sku(anybody: Door, goods: Goods) -> None:
    ids = [global_id("ProductVariant", goods[slug].variant.id) for slug in ("dua-leo", "ca-phe-bot")]
    several = "query ($ids: [ID!]) { productVariants(ids: $ids, first: 10) { edges { node { sku product { slug } } } } }"

    answer = anybody(several, ids=ids)
    assert [edge["node"]["product"]["slug"] for edge in answer.data["productVariants"]["edges"]] == [
        "dua-leo",
        "ca-phe-bot",
    ]
    assert answer.statements == 2
    assert anybody('{ productVariant(sku: "SKU-dua-leo") { name } }').data == {
        "productVariant": {"name": "kg"}
    }
    assert anybody('{ productVariant(sku: "") { name } }').data == {"productVariant": None}


def test_product_types(anybody: Door, goods: Goods) -> None:
    query = """{ productTypes(first: 5, filter: { slugs: ["hang-cho"] }) { edges { node { slug name
      productAttributes { slug } assignedVariantAttributes { attribute { slug } variantSelection } } } } }"""
    node = anybody(query).data["productTypes"]["edges"][0]["node"]

    assert (node["slug"], node["name"], len(node["productAttributes"])) == ("hang-cho", "Hàng chợ", 12)
    assert node["assignedVariantAttributes"] == [{"attribute": {"slug": "don-vi"}, "variantSelection": True}]
