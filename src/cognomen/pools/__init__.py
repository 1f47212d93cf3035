"""What is true of a pool and of its clients, whoever asks.

configuration.py    pools, keys and clients as each process keeps them in memory
ids.py              the ids of pools and clients: random, or wished for
schema.py           the attributes a pool's users have: the standard ones and its own
settings.py         the settings of a pool as a request gives them
mfa_settings.py     the part of them that SetUserPoolMfaConfig sets
rules.py            what the settings of a pool must satisfy
turned_on.py        what those settings turn on, whoever asks
plans.py            the feature plans: what each includes, and the gate before it
app_clients.py      what the settings of an app client must satisfy, and its effective settings
client_rows.py      an app client's row: made, held against its pool as it is now, kept
oauth_settings.py   the part of it that is about OAuth: grants, scopes, URLs
domains.py          what a domain of a pool may be called and say
replicas.py         a pool in a second region: what it needs, what is decided where
resource_servers.py what a resource server and its scopes must satisfy
master_keys.py      the master keys of a node, against those its database was sealed with
validity.py         how long the longest-lived refresh token lasts, and so a retired master key is needed
client_secrets.py   how a secret of a client is drawn and kept
lookup.py           a pool, or a client of it, held while something of it changes
groups.py           how many groups there may be, and how they and their members change
branding_settings.py  branding_assets.py    the style of managed login: its document, its images
hosted_ui.py        the style sheet and logo of the classic pages
images.py           which format an image has, and whether an SVG may be shown
terms.py            links to terms documents
threat_protection.py  log_delivery.py       what is to be done at a risk; where logs go
log_records.py      a record for those logs, and its queue
user_imports.py     when an import job may start, and what must wait until it is done
decoys.py           what those have in common who are answered for where nobody has a name
foreign_passwords.py    what a pool knows of passwords that its users bring from elsewhere
spare_keys.py       signing keys for new pools, made ahead
signing_certificates.py    the certificate that SAML requests are signed with
identity_providers.py   the names of identity providers, and where the claims they send go
"""
