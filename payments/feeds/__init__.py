"""Bank feeds: providers that report what arrives in a payee's account.

One folder for each provider, with its verifier and parser in pure Python, and one line in registry.py. What
they report is stored and applied in the request that brings it.
"""
