"""Other identity providers that users of a pool may come from: OpenID Connect, SAML, social ones.

configuration.py    what is kept of a provider under seal
details.py          the ProviderDetails of a request, checked and completed; and as answers show them
discovery.py        the endpoints that an OpenID Connect issuer publishes
asserted.py         what a provider says of a person, whatever it speaks
relying_party.py    OpenID Connect and OAuth 2.0: the way there, and who comes back
social.py           how the vendors differ, as data
id_tokens.py        whether a token of a provider is what it says
presented.py        the same of a token that is exchanged for one of ours
key_sets.py         the keys that providers publish, remembered
values.py           claims as text
saml_metadata.py    what the metadata of a SAML provider says
saml_refresh.py     the same, read again when it has become old
saml_requests.py    what a SAML provider is asked
saml_responses.py   what it answers, and the rules that an answer must keep
saml_reading.py     the same in threads, and at a time that tells nothing
saml_documents.py, saml_signatures.py, saml_encryption.py    XML from outside: read, verified, decrypted
mapping.py          what its claims make of a user's attributes
levels.py           how surely it knows a person, in its own words and in the pool's

What a pool has to say about its providers (names, attribute mapping) is pools/identity_providers.py's.
"""
