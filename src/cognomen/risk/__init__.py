"""Threat protection: what is remembered of users, what is made of it.

context.py      where a request comes from, as far as it is known
events.py       what an event says: its words
history.py      events are recorded, and told
log_message.py  an event as the logs of its pool tell it
judging.py      how suspicious a sign-in is: a pure score
exceptions.py   addresses that are refused always, or never judged
assessing.py    a sign-in judged by what its user's pool says, and what is to come of it
notices.py      mails that tell a user of it
compromised.py  what becomes of a password that is known to have leaked
leaked_passwords.py     which those are, as far as a node can know
hash_file.py    a file of their hashes
hash_ranges.py  a server that knows them
"""
