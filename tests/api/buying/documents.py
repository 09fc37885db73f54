"""What buyers' and sellers' programs send; shapes as public clients of Saleor use them."""

from __future__ import annotations

import re
from collections.abc import Mapping

FRAGMENTS = {
    "TaxedMoneyF": "on TaxedMoney { currency gross { amount } net { amount } tax { amount } }",
    "AddressF": "on Address { id firstName lastName companyName streetAddress1 streetAddress2 city cityArea"
    " postalCode country { code country } countryArea phone }",
    "CheckoutErrorF": "on CheckoutError { field message code variants lines addressType }",
    "CheckoutF": """on Checkout {
      id token email created updatedAt isShippingRequired quantity channel { slug }
      lines { id quantity variant { id sku name product { id name slug } }
        unitPrice { ...TaxedMoneyF } undiscountedUnitPrice { amount } totalPrice { ...TaxedMoneyF }
        problems { __typename } }
      shippingAddress { ...AddressF } billingAddress { ...AddressF }
      delivery { id shippingMethod { id name price { amount currency } } }
      subtotalPrice { ...TaxedMoneyF } shippingPrice { ...TaxedMoneyF } totalPrice { ...TaxedMoneyF }
      totalBalance { amount currency } discount { amount } voucherCode authorizeStatus chargeStatus
      problems { __typename } metadata { key value } }""",
    "TransactionF": """on TransactionItem {
      id token name pspReference message actions externalUrl createdAt
      authorizedAmount { amount currency } authorizePendingAmount { amount }
      chargedAmount { amount currency } chargePendingAmount { amount }
      refundedAmount { amount } refundPendingAmount { amount }
      canceledAmount { amount } cancelPendingAmount { amount }
      paymentMethodDetails { __typename name } }""",
    "TransactionEventF": """on TransactionEvent {
      id type pspReference message externalUrl createdAt amount { amount currency } idempotencyKey }""",
    "OrderF": """on Order {
      id number created status paymentStatus chargeStatus authorizeStatus isPaid userEmail languageCodeEnum
      channel { slug } subtotal { ...TaxedMoneyF } shippingPrice { ...TaxedMoneyF } total { ...TaxedMoneyF }
      totalCharged { amount } totalBalance { amount } shippingMethodName
      shippingAddress { ...AddressF } billingAddress { ...AddressF }
      lines { id productName variantName productSku quantity quantityFulfilled quantityToFulfill
        unitPrice { ...TaxedMoneyF } totalPrice { ...TaxedMoneyF } }
      fulfillments { id status trackingNumber created lines { id quantity orderLine { id } } }
      metadata { key value } }""",
}
_SPREAD = re.compile(r"\.\.\.(\w+)")


def whole(text: str, fragments: Mapping[str, str] = FRAGMENTS) -> str:
    """``text`` with the fragments that it names, and those that these name."""
    wanted: list[str] = []
    waiting = _SPREAD.findall(text)
    while waiting:
        name = waiting.pop()
        if name in fragments and name not in wanted:
            wanted.append(name)
            waiting += _SPREAD.findall(fragments[name])
    return text + "".join(f"\nfragment {name} {fragments[name]}" for name in wanted)


_CHECKOUT = "checkout { ...CheckoutF } errors { ...CheckoutErrorF }"
SIGN_IN = """mutation ($email: String!, $password: String!) { tokenCreate(email: $email, password: $password) {
  token refreshToken csrfToken user { id email isStaff } errors { field message code } } }"""
RENEW = """mutation ($refreshToken: String!) { tokenRefresh(refreshToken: $refreshToken) {
  token user { email } errors { field message code } } }"""
VERIFY = """mutation ($token: String!) { tokenVerify(token: $token) {
  isValid payload user { email } errors { field message code } } }"""
REGISTER = """mutation ($input: AccountRegisterInput!) { accountRegister(input: $input) {
  requiresConfirmation user { id email } errors { field message code } } }"""
CONFIRM = """mutation ($email: String!, $token: String!) { confirmAccount(email: $email, token: $token) {
  user { email } errors { field code } } }"""
ME = """query ($first: Int = 20, $after: String) { me { id email firstName lastName languageCode isStaff
  defaultShippingAddress { ...AddressF } addresses { ...AddressF } checkoutIds
  orders(first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor } edges { node {
    id number created status chargeStatus paymentStatusDisplay total { gross { amount currency } }
    lines { productName quantity } } } } } }"""
CREATE = "mutation ($input: CheckoutCreateInput!) { checkoutCreate(input: $input) { " + _CHECKOUT + " } }"
ADD = (
    "mutation ($id: ID!, $lines: [CheckoutLineInput!]!) { checkoutLinesAdd(id: $id, lines: $lines) { "
    + _CHECKOUT
    + " } }"
)
UPDATE = (
    "mutation ($id: ID!, $lines: [CheckoutLineUpdateInput!]!) { checkoutLinesUpdate(id: $id, lines: $lines) { "
    + _CHECKOUT
    + " } }"
)
REMOVE = (
    "mutation ($id: ID!, $lines: [ID!]!) { checkoutLinesDelete(id: $id, linesIds: $lines) { "
    + _CHECKOUT
    + " } }"
)
EMAIL = """mutation ($id: ID!, $email: String!) { checkoutEmailUpdate(id: $id, email: $email) {
  checkout { id email } errors { ...CheckoutErrorF } } }"""
SHIPPING = """mutation ($id: ID!, $address: AddressInput!, $rules: CheckoutAddressValidationRules) {
  checkoutShippingAddressUpdate(id: $id, shippingAddress: $address, validationRules: $rules) {
    checkout { id shippingAddress { ...AddressF } } errors { ...CheckoutErrorF } } }"""
BILLING = """mutation ($id: ID!, $address: AddressInput!, $rules: CheckoutAddressValidationRules) {
  checkoutBillingAddressUpdate(id: $id, billingAddress: $address, validationRules: $rules) {
    checkout { id billingAddress { ...AddressF } } errors { ...CheckoutErrorF } } }"""
OPTIONS = """mutation ($id: ID!) { deliveryOptionsCalculate(id: $id) { deliveries { id shippingMethod {
  id name price { amount currency } minimumDeliveryDays maximumDeliveryDays active message } }
  errors { field message code } } }"""
METHODS = """query ($id: ID!) { checkout(id: $id) { id shippingMethods { id name price { amount currency } active }
  availableCollectionPoints { id name } } }"""
DELIVERY = (
    "mutation ($id: ID!, $method: ID!) { checkoutDeliveryMethodUpdate(id: $id, deliveryMethodId: $method) { "
    + _CHECKOUT
    + " } }"
)
PROMO = """mutation ($id: ID!, $code: String!) { checkoutAddPromoCode(id: $id, promoCode: $code) {
  checkout { id voucherCode } errors { ...CheckoutErrorF } } }"""
CHECKOUT = "query ($id: ID!) { checkout(id: $id) { ...CheckoutF } }"
GATEWAYS = """query ($id: ID!) { checkout(id: $id) { availablePaymentGateways {
  id name currencies config { field value } } } }"""
GATEWAY_INIT = """mutation ($id: ID!, $amount: PositiveDecimal, $gateways: [PaymentGatewayToInitialize!]) {
  paymentGatewayInitialize(id: $id, amount: $amount, paymentGateways: $gateways) {
    gatewayConfigs { id data errors { field message code } } errors { field message code } } }"""
PAY = """mutation ($id: ID!, $gateway: PaymentGatewayToInitialize!, $amount: PositiveDecimal,
  $idempotencyKey: String, $action: TransactionFlowStrategyEnum) {
  transactionInitialize(id: $id, paymentGateway: $gateway, amount: $amount, idempotencyKey: $idempotencyKey,
    action: $action) {
    transaction { ...TransactionF } transactionEvent { ...TransactionEventF } data errors { field message code } } }"""
PROCESS = """mutation ($id: ID!, $data: JSON) { transactionProcess(id: $id, data: $data) {
  transaction { ...TransactionF } transactionEvent { ...TransactionEventF } data errors { field message code } } }"""
COMPLETE = """mutation ($id: ID!, $metadata: [MetadataInput!]) { checkoutComplete(id: $id, metadata: $metadata) {
  order { id number status chargeStatus authorizeStatus total { gross { amount currency } } }
  confirmationNeeded confirmationData errors { ...CheckoutErrorF } } }"""
ORDER = "query ($id: ID!) { order(id: $id) { ...OrderF } }"
ORDER_BY_TOKEN = """query ($token: UUID!) { orderByToken(token: $token) {
  id number status chargeStatus total { gross { amount currency } } } }"""
ORDERS = """query ($channel: String, $first: Int = 20, $after: String, $where: OrderWhereInput, $search: String) {
  orders(channel: $channel, first: $first, after: $after, where: $where, search: $search,
    sortBy: { field: NUMBER, direction: DESC }) { totalCount pageInfo { hasNextPage endCursor }
    edges { node { id number created status chargeStatus userEmail total { gross { amount currency } }
      transactions { id pspReference chargedAmount { amount } actions } } } } }"""
ORDER_STAFF = """query ($id: ID!) { order(id: $id) { ...OrderF actions
  transactions { ...TransactionF events { ...TransactionEventF } } events { type date message } } }"""
ORDER_CONFIRM = (
    """mutation ($id: ID!) { orderConfirm(id: $id) { order { id status } errors { field message code } } }"""
)
FULFILL = """mutation ($order: ID!, $input: OrderFulfillInput!) { orderFulfill(order: $order, input: $input) {
  order { id status } fulfillments { id status trackingNumber }
  errors { field message code warehouse orderLines } } }"""
TRACKING = """mutation ($id: ID!, $input: FulfillmentUpdateTrackingInput!) {
  orderFulfillmentUpdateTracking(id: $id, input: $input) {
    fulfillment { id trackingNumber } errors { field message code } } }"""
TAKE_BACK = """mutation ($id: ID!, $input: FulfillmentCancelInput) { orderFulfillmentCancel(id: $id, input: $input) {
  fulfillment { id status } order { id status } errors { field message code } } }"""
CANCEL = (
    """mutation ($id: ID!) { orderCancel(id: $id) { order { id status } errors { field message code } } }"""
)
MARK_PAID = """mutation ($id: ID!, $ref: String) { orderMarkAsPaid(id: $id, transactionReference: $ref) {
  order { id chargeStatus isPaid } errors { field message code } } }"""
TX_CREATE = """mutation ($id: ID!, $transaction: TransactionCreateInput!, $event: TransactionEventInput) {
  transactionCreate(id: $id, transaction: $transaction, transactionEvent: $event) {
    transaction { ...TransactionF } errors { field message code } } }"""
TX_UPDATE = """mutation ($id: ID!, $transaction: TransactionUpdateInput, $event: TransactionEventInput) {
  transactionUpdate(id: $id, transaction: $transaction, transactionEvent: $event) {
    transaction { ...TransactionF } errors { field message code } } }"""
REPORT = """mutation ($id: ID!, $type: TransactionEventTypeEnum!, $amount: PositiveDecimal, $psp: String!,
  $time: DateTime, $actions: [TransactionActionEnum!], $message: String) {
  transactionEventReport(id: $id, type: $type, amount: $amount, pspReference: $psp, time: $time, message: $message,
    availableActions: $actions) {
    alreadyProcessed transaction { ...TransactionF } transactionEvent { ...TransactionEventF }
    errors { field message code } } }"""
REQUEST = """mutation ($id: ID!, $action: TransactionActionEnum!, $amount: PositiveDecimal, $reason: String) {
  transactionRequestAction(id: $id, actionType: $action, amount: $amount, refundReason: $reason) {
    transaction { ...TransactionF } errors { field message code } } }"""
TRANSACTION = """query ($id: ID!) { transaction(id: $id) { ...TransactionF order { id number chargeStatus }
  checkout { id } events { ...TransactionEventF } } }"""
METADATA = """mutation ($id: ID!, $input: [MetadataInput!]!) { updateMetadata(id: $id, input: $input) {
  item { metadata { key value } } errors { field message code } } }"""
PRIVATE = """mutation ($id: ID!, $input: [MetadataInput!]!) { updatePrivateMetadata(id: $id, input: $input) {
  item { privateMetadata { key value } } errors { field message code } } }"""

DETACH = """mutation ($id: ID!) { checkoutCustomerDetach(id: $id) {
  checkout { id user { id } email } errors { ...CheckoutErrorF } } }"""
ATTACH = """mutation ($id: ID!) { checkoutCustomerAttach(id: $id) {
  checkout { id user { id } email note: metafield(key: "cho.note") } errors { ...CheckoutErrorF } } }"""
RENAME = """mutation ($input: AccountInput!) { accountUpdate(input: $input) {
  user { firstName lastName } errors { field message code } } }"""
NEW_PASSWORD = """mutation ($old: String, $new: String!) { passwordChange(oldPassword: $old, newPassword: $new) {
  user { id } errors { field message code } } }"""
FORGOTTEN = """mutation ($email: String!) { requestPasswordReset(email: $email, redirectUrl: "https://la.vn/moi") {
  errors { field message code } } }"""
KEEP_ADDRESS = """mutation ($address: AddressInput!) { accountAddressCreate(input: $address, type: SHIPPING) {
  address { id } errors { field message code } } }"""
