"""The root fields."""

from __future__ import annotations

import graphene
from graphql import GraphQLError

from backend.accounts import queries as accounts
from backend.accounts.access import find_active_seller, sellers_of
from backend.api.market import types
from backend.api.market.base import allowed, number, paged, person, read
from backend.common import clock
from backend.common.errors import NotFound
from backend.markets import queries as markets
from backend.markets.access import markets_of, read_stall, stalls_of
from backend.ocop import queries as ocop
from backend.places import queries as places
from backend.sales import queries as sales
from backend.sales.access import access_purchase, access_sale

MOST_MATCHES = 20


class Me(graphene.ObjectType):
    """Whoever asks."""

    name = graphene.String(required=True, description="As the account says.")
    roles = graphene.List(graphene.NonNull(types.Role), required=True, description="The first granted first.")
    sellers = graphene.List(
        graphene.NonNull(types.Seller), required=True, description="Whose desk one may use."
    )
    stalls = graphene.List(
        graphene.NonNull(types.Stall), required=True, description="Where one may take money."
    )
    markets = graphene.List(graphene.NonNull(types.Market), required=True, description="Which one manages.")
    purchases = paged(types.OwnPurchaseConnection, "What one bought while signed in, newest first.")

    def resolve_name(user, info):
        return str(user)

    def resolve_roles(user, info):
        return accounts.roles_of(user)

    def resolve_sellers(user, info):
        found = sellers_of(user)
        info.context.loader(types.load_producers).want(found)
        return found

    def resolve_stalls(user, info):
        return stalls_of(user)

    def resolve_markets(user, info):
        return markets_of(user)

    def resolve_purchases(user, info, **arguments):
        return read(info, sales.purchases(user_id=user.pk), arguments, types.load_sales_of_purchases)


class Query(graphene.ObjectType):
    """Reading the market. What belongs to somebody else is null, as if it were not there."""

    provinces = graphene.List(
        graphene.NonNull(types.Province), required=True, description="The 34 provinces and cities of today."
    )
    province = graphene.Field(
        types.Province,
        description="One province.",
        code=graphene.ID(required=True, description="Two digits."),
    )
    communes = paged(
        types.CommuneConnection,
        "The communes of today, by code.",
        province=graphene.ID(description="Only those of this province, by its code."),
    )
    commune = graphene.Field(
        types.Commune,
        description="One commune, of today or ended.",
        code=graphene.ID(required=True, description="Five digits."),
    )
    commune_search = graphene.List(
        graphene.NonNull(types.CommuneMatch),
        required=True,
        description="Communes that a text may mean, best first: with or without marks, by today's name or an older one.",
        text=graphene.String(required=True, description="What somebody typed."),
        first=graphene.Int(default_value=8, description="At most so many, up to 20."),
    )
    sellers = paged(
        types.SellerConnection,
        "Who sells here now.",
        commune=graphene.ID(description="Only those of this commune, by its code."),
        search=graphene.String(description="Words of the name, with or without marks."),
    )
    seller = graphene.Field(
        types.Seller,
        description="One seller, by number or by slug.",
        id=graphene.ID(description="The seller's number."),
        slug=graphene.String(description="The address part of the seller's page."),
    )
    producers = paged(types.ProducerConnection, "Whom the OCOP register knows.")
    certificates = paged(
        types.CertificateConnection,
        "The OCOP register.",
        standing=graphene.Argument(
            types.CertificateStanding,
            default_value=types.CertificateStanding.IN_FORCE,
            description="Only these; null for all.",
        ),
        stars=graphene.Int(description="Only those of decisions with so many stars."),
        commune=graphene.ID(description="Only those of producers of this commune, by its code."),
    )
    certificate = graphene.Field(
        types.Certificate,
        description="One certificate, whatever it is worth today.",
        number=graphene.String(required=True, description="As the issuer wrote it."),
        issuer=graphene.String(required=True, description="Who granted it."),
    )
    markets = paged(
        types.MarketConnection,
        "The markets.",
        commune=graphene.ID(description="Only those of this commune, by its code."),
    )
    market = graphene.Field(
        types.Market,
        description="One market.",
        slug=graphene.String(required=True, description="By which programs name it."),
    )
    stall = graphene.Field(
        types.Stall,
        description="One working stall.",
        id=graphene.ID(required=True, description="The stall's number."),
    )
    charge = graphene.Field(
        types.Charge,
        description="One charge; null to everybody but who takes money at its stall and the market's manager.",
        id=graphene.ID(required=True, description="Of the charge."),
    )
    purchase = graphene.Field(
        types.OwnPurchase,
        description="A purchase, for whoever holds the secret of its page's address.",
        token=graphene.String(required=True, description="The 32 letters of the address."),
    )
    sale = graphene.Field(
        types.Sale,
        description="One seller's order; null to everybody but the seller's own people.",
        id=graphene.ID(required=True, description="Of the sale."),
    )
    me = graphene.Field(Me, description="Whoever asks, by the token; null without one.")

    def resolve_provinces(root, info):
        return places.provinces()

    def resolve_province(root, info, code):
        return places.find_province(code)

    def resolve_communes(root, info, province=None, **arguments):
        return read(info, places.communes(province_code=province or ""), arguments)

    def resolve_commune(root, info, code):
        return places.find_commune(code)

    def resolve_commune_search(root, info, text, first):
        if not 1 <= first <= MOST_MATCHES:
            raise GraphQLError(f"Argument `first` must be 1 to {MOST_MATCHES}.")
        return places.search_communes(text, first)

    def resolve_sellers(root, info, commune=None, search="", **arguments):
        found = accounts.sellers(commune_code=commune or "", text=search or "")
        return read(info, found, arguments, types.load_producers)

    def resolve_seller(root, info, id=None, slug=None):  # noqa: A002 - the argument's own name
        if (id is None) == (slug is None):
            raise GraphQLError("Either `id` or `slug` is needed.")
        return find_active_seller(number(id)) if id is not None else accounts.find_seller_by_slug(slug)

    def resolve_producers(root, info, **arguments):
        return read(info, ocop.producers(), arguments)

    def resolve_certificates(root, info, standing=None, stars=None, commune=None, **arguments):
        found = ocop.certificates(
            on=clock.today(),
            standing="" if standing is None else standing.value,
            stars=stars,
            commune_code=commune or "",
        )
        return read(info, found, arguments)

    def resolve_certificate(root, info, number, issuer):
        return ocop.find_certificate(number, issuer)

    def resolve_markets(root, info, commune=None, **arguments):
        return read(info, markets.markets(commune_code=commune or ""), arguments)

    def resolve_market(root, info, slug):
        return markets.find_market(slug)

    def resolve_stall(root, info, id):  # noqa: A002
        return markets.find_stall(number(id))

    def resolve_charge(root, info, id):  # noqa: A002
        charge = markets.find_charge(id)
        if charge is None or allowed(read_stall, info, charge.stall_id) is None:
            return None
        return charge

    def resolve_purchase(root, info, token):
        try:
            return access_purchase(token)
        except NotFound:
            return None

    def resolve_sale(root, info, id):  # noqa: A002
        return allowed(access_sale, info, id)

    def resolve_me(root, info):
        who = person(info)
        return who if who.is_authenticated else None
