"""Threat protection: what is remembered of users, what is made of it.

events.py       what an event says: its words, where its request came from
history.py      events are recorded, and told
log_message.py  an event as the logs of its pool tell it
"""
