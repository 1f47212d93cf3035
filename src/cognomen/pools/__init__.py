"""What is true of a pool and of its clients, whoever asks.

configuration.py    pools, keys and clients as each process keeps them in memory
ids.py              the ids of pools and clients: random, or wished for
schema.py           the attributes a pool's users have: the standard ones and its own
settings.py         the settings of a pool as a request gives them
rules.py            what the settings of a pool must satisfy
app_clients.py      what the settings of an app client must satisfy, and its effective settings
oauth_settings.py   the part of it that is about OAuth: grants, scopes, URLs
not_yet.py          settings that would refuse or change what is asked, and that nobody heeds yet
spare_keys.py       signing keys for new pools, made ahead
"""
