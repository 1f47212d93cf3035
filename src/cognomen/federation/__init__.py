"""Other identity providers that users of a pool may come from: OpenID Connect, SAML, social ones.

configuration.py    what is kept of a provider under seal
details.py          the ProviderDetails of a request, checked and completed; and as answers show them
discovery.py        the endpoints that an OpenID Connect issuer publishes
saml_metadata.py    what the metadata of a SAML provider says

What a pool has to say about its providers (names, attribute mapping) is pools/identity_providers.py's.
"""
