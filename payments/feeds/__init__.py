"""Bank feeds: providers that report what arrives in a payee's account.

What they report is stored and applied in the request that brings it. To add a provider: a folder here with a
verifier (headers, bytes and secrets in; a refusal or nothing out), a parser (bytes in, `ReportedTransfer` out)
and a `PROVIDER`, all in pure Python; one line in registry.py; captured notices and tests beside tests/payments/.
Nothing else changes: storing, matching, counting and answering are the same for all.
"""
