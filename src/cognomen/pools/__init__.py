"""What is true of a pool and of its clients, whoever asks.

configuration.py    pools, keys and clients as each process keeps them in memory
schema.py           the attributes a pool's users have: the standard ones and its own
rules.py            what the settings of a pool must satisfy, and its effective settings
clients.py          what the settings of an app client must satisfy, and its effective settings
"""
