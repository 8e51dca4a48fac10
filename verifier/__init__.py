"""The stand-alone verifier: one file on Python and `cryptography`, for whoever trusts nobody."""
