"""What a public Saleor storefront asks at each of its pages: its shapes and habits, in our words.

One operation a document, every fragment that is sent is used, the language is a variable, and a slug is first tried as a
translated one.
"""

from __future__ import annotations

from typing import Final

from tests.api.buying.documents import whole

_MONEY = "{ gross { amount currency } tax { amount currency } }"
_PICTURE = "{ url alt }"
_RANGE = f"{{ start {_MONEY} stop {_MONEY} }}"
_NAMED = "translation(languageCode: $in) { name slug }"
_ATTRIBUTES = """{ attribute { slug name inputType translation(languageCode: $in) { name } }
  values { name slug value boolean dateTime file { url } translation(languageCode: $in) { name } } }"""
_PAGE = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount"
_SEO = "seoTitle seoDescription"
_SLUGS = " ".join(
    f"slug{code}: translation(languageCode: {code}) {{ slug }}"
    for code in ("EN", "PL", "DE", "FR", "FI", "NB", "JA", "KO")
)
_ERRORS = "errors { field message code }"

FRAGMENTS: Final = {
    "Place": """on Address { id firstName lastName companyName streetAddress1 streetAddress2 city cityArea
      postalCode countryArea phone country { code country } }""",
    "Card": f"""on Product {{ id name slug created {_NAMED}
      pricing {{ priceRange {_RANGE} priceRangeUndiscounted {_RANGE} }}
      category {{ id name slug {_NAMED} backgroundImage {_PICTURE} }}
      thumbnail(size: 1024, format: WEBP) {_PICTURE}
      bestseller: assignedAttribute(slug: "bestseller") {{ ... on AssignedBooleanAttribute {{ value }} }}
      productVariants(first: 50) {{ totalCount edges {{ node {{ id
        chosenBy: attributes(variantSelection: VARIANT_SELECTION) {_ATTRIBUTES} }} }} }} }}""",
    "Choice": f"""on ProductVariant {{ id name sku quantityAvailable translation(languageCode: $in) {{ name }}
      chosenBy: attributes(variantSelection: VARIANT_SELECTION) {_ATTRIBUTES}
      others: attributes(variantSelection: NOT_VARIANT_SELECTION) {_ATTRIBUTES}
      media {{ url(size: 2048, format: WEBP) alt type }}
      pricing {{ price {_MONEY} priceUndiscounted {_MONEY} }} }}""",
    "Entry": f"""on MenuItem {{ id name level url translation(languageCode: $in) {{ name }}
      category {{ id slug name {_NAMED} }} collection {{ id slug name {_NAMED} }}
      page {{ id slug title translation(languageCode: $in) {{ title slug }} }} }}""",
    "Basket": f"""on Checkout {{ id email voucherCode discountName translatedDiscountName discount {{ amount currency }}
      giftCards {{ id displayCode currentBalance {{ amount currency }} }} channel {{ id slug }} user {{ id }}
      shippingAddress {{ ...Place }} billingAddress {{ ...Place }} authorizeStatus chargeStatus isShippingRequired
      availablePaymentGateways {{ id name currencies config {{ field value }} }}
      delivery {{ id shippingMethod {{ id name }} }}
      problems {{ ... on CheckoutProblemDeliveryMethodStale {{ __typename }}
        ... on CheckoutProblemDeliveryMethodInvalid {{ __typename }} }}
      totalPrice {_MONEY} shippingPrice {_MONEY} subtotalPrice {_MONEY}
      lines {{ id quantity totalPrice {_MONEY} unitPrice {_MONEY} undiscountedUnitPrice {{ amount currency }}
        variant {{ id name translation(languageCode: $in) {{ name }}
          attributes(variantSelection: ALL) {_ATTRIBUTES}
          media {{ alt type url(size: 72) }}
          product {{ id name slug thumbnail {_PICTURE} category {{ name {_NAMED} }}
            translation(languageCode: $in) {{ id name language {{ code }} }}
            media {{ alt type url(size: 72) }} }} }} }} }}""",
    "Bought": f"""on Order {{ id number created status statusDisplay paymentStatus chargeStatus authorizeStatus isPaid
      userEmail channel {{ slug }} discounts {{ type name amount {{ amount currency }} }} voucher {{ code }}
      shippingAddress {{ ...Place }} billingAddress {{ ...Place }}
      deliveryMethod {{ ... on ShippingMethod {{ name minimumDeliveryDays maximumDeliveryDays }} }}
      total {_MONEY} subtotal {_MONEY} shippingPrice {_MONEY}
      totalBalance {{ amount currency }} totalCaptured {{ amount currency }}
      fulfillments {{ id status created trackingNumber lines {{ id quantity orderLine {{ id }} }} }}
      lines {{ id quantity productName variantName thumbnail(size: 128, format: WEBP) {_PICTURE}
        totalPrice {_MONEY} unitPrice {_MONEY} undiscountedUnitPrice {_MONEY}
        variant {{ id name translation(languageCode: $in) {{ name }} pricing {{ price {_MONEY} }}
          attributes(variantSelection: ALL) {_ATTRIBUTES}
          product {{ id name slug description translation(languageCode: $in) {{ name }}
            thumbnail {_PICTURE} category {{ id name }} }} }} }} }}""",
    "Person": f"on User {{ id email firstName lastName avatar {_PICTURE} }}",
}

_LIST = f"{{ edges {{ node {{ ...Card }} cursor }} {_PAGE} }}"
_CHANGED = f"{{ {_ERRORS} checkout {{ ...Basket }} }}"
_TRANSACTION = f"{{ transaction {{ id actions }} transactionEvent {{ message type }} data {_ERRORS} }}"

_SHORT: Final = {
    # -- looking --
    "channel": "query ($slug: String!) { channel(slug: $slug) { id slug countries { code } } }",
    "menu": """query ($slug: String!, $channel: String!, $in: LanguageCodeEnum!) { menu(slug: $slug, channel: $channel) {
      items { ...Entry children { ...Entry children { ...Entry } } } } }""",
    "featured": f"""query ($slug: String!, $channel: String!, $in: LanguageCodeEnum!, $by: LanguageCodeEnum, $first: Int,
      $after: String, $sort: ProductOrder, $filter: ProductFilterInput, $where: ProductWhereInput) {{
      collection(slug: $slug, channel: $channel, slugLanguageCode: $by) {{ id name slug description {_SEO} {_SLUGS}
        translation(languageCode: $in) {{ name description {_SEO} slug }} backgroundImage {_PICTURE}
        products(first: $first, after: $after, sortBy: $sort, filter: $filter, where: $where) {_LIST} }} }}""",
    "products": f"""query ($first: Int, $after: String, $last: Int, $before: String, $channel: String!,
      $in: LanguageCodeEnum!, $sort: ProductOrder, $filter: ProductFilterInput, $where: ProductWhereInput) {{
      products(first: $first, after: $after, last: $last, before: $before, channel: $channel, sortBy: $sort,
        filter: $filter, where: $where) {_LIST} }}""",
    "categories": """query ($slugs: [String!]!, $first: Int = 20) { categories(filter: { slugs: $slugs }, first: $first) {
      edges { node { id slug name } } } }""",
    "category": f"""query ($slug: String!, $channel: String!, $in: LanguageCodeEnum!, $by: LanguageCodeEnum, $first: Int,
      $after: String, $sort: ProductOrder, $filter: ProductFilterInput, $where: ProductWhereInput) {{
      category(slug: $slug, slugLanguageCode: $by) {{ id name slug description {_SEO} {_SLUGS}
        translation(languageCode: $in) {{ name description {_SEO} slug }} backgroundImage {_PICTURE}
        products(first: $first, after: $after, channel: $channel, sortBy: $sort, filter: $filter, where: $where)
          {_LIST} }} }}""",
    "search": f"""query ($search: String!, $by: ProductOrderField!, $direction: OrderDirection!, $first: Int,
      $channel: String!, $in: LanguageCodeEnum!) {{ products(first: $first, channel: $channel,
        sortBy: {{ field: $by, direction: $direction }}, filter: {{ search: $search }}) {_LIST} }}""",
    "page": f"""query ($slug: String!, $in: LanguageCodeEnum!, $by: LanguageCodeEnum) {{
      page(slug: $slug, slugLanguageCode: $by) {{ id slug title content {_SEO} {_SLUGS}
        translation(languageCode: $in) {{ title content {_SEO} slug }} }} }}""",
    "pages": """query ($channel: String!, $slugs: [String!]!, $in: LanguageCodeEnum!) {
      pages(channel: $channel, where: { slug: { oneOf: $slugs } }, first: 20) { edges { node {
        slug isPublished pageType { slug } assignedAttributes { attribute { slug }
          ... on AssignedPlainTextAttribute { text: value words: translation(languageCode: $in) }
          ... on AssignedSingleCollectionReferenceAttribute { collection: value { slug } }
          ... on AssignedFileAttribute { file: value { url } } } } } } }""",
    "product": f"""query ($slug: String!, $channel: String!, $in: LanguageCodeEnum!, $by: LanguageCodeEnum) {{
      product(slug: $slug, channel: $channel, slugLanguageCode: $by) {{
        id name slug description isAvailable {_SEO} {_SLUGS}
        translation(languageCode: $in) {{ name description {_SEO} slug }}
        thumbnail(size: 2048, format: WEBP) {_PICTURE} media {{ url(size: 2048, format: WEBP) alt type }}
        category {{ id name slug {_NAMED} }} productType {{ slug }} productVariants(first: 1) {{ totalCount }}
        bestseller: assignedAttribute(slug: "bestseller") {{ ... on AssignedBooleanAttribute {{ value }} }}
        assignedAttributes(limit: 50) {{ attribute {{ name slug translation(languageCode: $in) {{ name }} }}
          ... on AssignedPlainTextAttribute {{ text: value words: translation(languageCode: $in) }}
          ... on AssignedBooleanAttribute {{ yes: value }} ... on AssignedNumericAttribute {{ number: value }}
          ... on AssignedSingleChoiceAttribute {{ one: value {{ name slug translation(languageCode: $in) }} }}
          ... on AssignedMultiChoiceAttribute {{ many: value {{ name slug translation(languageCode: $in) }} }} }}
        pricing {{ priceRange {_RANGE} }} }} }}""",
    "variants": """query ($slug: String!, $channel: String!, $in: LanguageCodeEnum!, $first: Int!, $after: String) {
      product(slug: $slug, channel: $channel) { id productVariants(first: $first, after: $after) { totalCount
        pageInfo { hasNextPage endCursor } edges { node { ...Choice } } } } }""",
    "variant": """query ($id: ID, $sku: String, $channel: String!, $in: LanguageCodeEnum!) {
      productVariant(id: $id, sku: $sku, channel: $channel) { ...Choice product { id slug } } }""",
    "form": """query ($country: CountryCode!) { addressValidationRules(countryCode: $country) { addressFormat allowedFields
      requiredFields countryAreaType postalCodeType cityType countryAreaChoices { raw verbose } } }""",
    # -- the person --
    "me": "query { me { ...Person } }",
    "profile": """query { me { ...Person dateJoined addresses { ...Place } defaultShippingAddress { ...Place }
      defaultBillingAddress { ...Place } } }""",
    "orders": """query ($first: Int, $after: String, $in: LanguageCodeEnum!) { me { ...Person
      orders(first: $first, after: $after) { edges { node { ...Bought } cursor } totalCount
        pageInfo { hasNextPage endCursor } } } }""",
    "sign_up": f"mutation ($input: AccountRegisterInput!) {{ accountRegister(input: $input) {{ {_ERRORS} }} }}",
    "confirm": f"""mutation ($email: String!, $token: String!) {{
      confirmAccount(email: $email, token: $token) {{ {_ERRORS} }} }}""",
    "sign_in": f"""mutation ($email: String!, $password: String!) {{
      tokenCreate(email: $email, password: $password) {{ token refreshToken {_ERRORS} }} }}""",
    "renew": f"mutation ($token: String!) {{ tokenRefresh(refreshToken: $token) {{ token {_ERRORS} }} }}",
    # -- buying --
    "create": f"""mutation ($channel: String!, $in: LanguageCodeEnum!) {{
      checkoutCreate(input: {{ channel: $channel, languageCode: $in, lines: [] }}) {_CHANGED} }}""",
    "checkout": "query ($id: ID!, $in: LanguageCodeEnum!) { checkout(id: $id) { ...Basket } }",
    "add": f"""mutation ($id: ID!, $lines: [CheckoutLineInput!]!, $in: LanguageCodeEnum!) {{
      checkoutLinesAdd(id: $id, lines: $lines) {_CHANGED} }}""",
    "update": f"""mutation ($id: ID!, $lines: [CheckoutLineUpdateInput!]!, $in: LanguageCodeEnum!) {{
      checkoutLinesUpdate(id: $id, lines: $lines) {_CHANGED} }}""",
    "remove": f"""mutation ($id: ID!, $lines: [ID!]!, $in: LanguageCodeEnum!) {{
      checkoutLinesDelete(id: $id, linesIds: $lines) {_CHANGED} }}""",
    "remove_one": f"""mutation ($id: ID!, $line: ID, $in: LanguageCodeEnum!) {{
      checkoutLineDelete(id: $id, lineId: $line) {_CHANGED} }}""",
    "email": f"""mutation ($id: ID!, $email: String!, $in: LanguageCodeEnum!) {{
      checkoutEmailUpdate(id: $id, email: $email) {_CHANGED} }}""",
    "attach": f"mutation ($id: ID!, $in: LanguageCodeEnum!) {{ checkoutCustomerAttach(id: $id) {_CHANGED} }}",
    "detach": f"mutation ($id: ID!, $in: LanguageCodeEnum!) {{ checkoutCustomerDetach(id: $id) {_CHANGED} }}",
    "promo": f"""mutation ($id: ID, $code: String!, $in: LanguageCodeEnum!) {{
      checkoutAddPromoCode(checkoutId: $id, promoCode: $code) {_CHANGED} }}""",
    "consent": f"""mutation ($id: ID!, $input: [MetadataInput!]!) {{ updateMetadata(id: $id, input: $input) {{
      {_ERRORS} item {{ ... on Checkout {{ id }} }} }} }}""",
    "shipping": f"""mutation ($id: ID!, $address: AddressInput!, $save: Boolean, $rules: CheckoutAddressValidationRules,
      $in: LanguageCodeEnum!) {{ checkoutShippingAddressUpdate(id: $id, shippingAddress: $address, saveAddress: $save,
        validationRules: $rules) {_CHANGED} }}""",
    "billing": f"""mutation ($id: ID!, $address: AddressInput!, $save: Boolean, $rules: CheckoutAddressValidationRules,
      $in: LanguageCodeEnum!) {{ checkoutBillingAddressUpdate(id: $id, billingAddress: $address, saveAddress: $save,
        validationRules: $rules) {_CHANGED} }}""",
    "deliveries": f"""mutation ($id: ID!) {{ deliveryOptionsCalculate(id: $id) {{ deliveries {{ id shippingMethod {{
      id name active price {{ amount currency }} minimumDeliveryDays maximumDeliveryDays }} }} {_ERRORS} }} }}""",
    "deliver": f"""mutation ($id: ID!, $method: ID!, $in: LanguageCodeEnum!) {{
      checkoutDeliveryMethodUpdate(id: $id, deliveryMethodId: $method) {_CHANGED} }}""",
    "gateways": f"""mutation ($id: ID!, $gateways: [PaymentGatewayToInitialize!]) {{
      paymentGatewayInitialize(id: $id, paymentGateways: $gateways) {{ {_ERRORS}
        gatewayConfigs {{ id data {_ERRORS} }} }} }}""",
    "pay": f"""mutation ($id: ID!, $action: TransactionFlowStrategyEnum, $gateway: PaymentGatewayToInitialize!,
      $amount: PositiveDecimal) {{ transactionInitialize(id: $id, action: $action, paymentGateway: $gateway,
        amount: $amount) {_TRANSACTION} }}""",
    "process": f"mutation ($id: ID!, $data: JSON) {{ transactionProcess(id: $id, data: $data) {_TRANSACTION} }}",
    "complete": f"""mutation ($id: ID!) {{ checkoutComplete(id: $id) {{ {_ERRORS}
      order {{ id channel {{ slug }} }} }} }}""",
    "order": "query ($id: ID!, $in: LanguageCodeEnum!) { order(id: $id) { ...Bought } }",
}
DOCUMENTS: Final = {name: whole(text, FRAGMENTS) for name, text in _SHORT.items()}
"""Every document, whole, by what it is for."""
