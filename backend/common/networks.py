"""Where requests come from, as far as a visitor cannot choose it: what every limit per visitor counts by."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def network_of(request: HttpRequest) -> str:
    """Where a request comes from: its IPv4 address, or the /64 of its IPv6 address, which one line has to itself.

    Behind TRUSTED_PROXIES proxies it is what the outermost of them saw; what stands before that in X-Forwarded-For was
    written by the visitor. A request that came past the proxies counts by its connection.
    """
    address = request.META.get("REMOTE_ADDR", "")
    proxies: int = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    if proxies:
        seen = [each.strip() for each in request.headers.get("X-Forwarded-For", "").split(",")]
        if len(seen) >= proxies:
            address = seen[-proxies]
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        # A socket in the file system has no address: all its visitors share one place.
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.IPv6Network((parsed, 64), strict=False))
    return str(parsed)
