"""The keys that everything is sealed with: where they come from, and how a process holds them.

    source.py           a file made at the first start, or the text of a variable; adding and retiring keys
    vault.py            the keyring of a process, read again when a key it does not know turns up

What sealing is, is in crypto/sealing.py; which keys a database was sealed with, in store/master_keys.py; docs/master-key.md
tells an operator what to do.
"""
