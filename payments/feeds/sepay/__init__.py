"""SePay: webhooks about transfers on linked accounts.

Source: SePay's developer pages on webhooks (fields, HMAC authentication, success answer, retries). Success is
HTTP 200 or 201 with exactly `{"success": true}`; anything else is sent again 7 times within 33 minutes.
"""

from __future__ import annotations

from payments.feeds.provider import Provider
from payments.feeds.sepay.parser import parse
from payments.feeds.sepay.signature import verify

PROVIDER = Provider(name="sepay", label="SePay", verify=verify, parse=parse, success=b'{"success": true}')
