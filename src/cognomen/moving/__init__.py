"""Users on their way: out of a database into a file, from a file into a database, and here from Amazon Cognito.

sealed_file.py  the file: a head anyone can read, and frames sealed under a passphrase
records.py      what a frame holds: rows of users by column, with their secrets in clear inside the seal
exporting.py    a pool's users into a file, from where it was left
importing.py    a file's users into the pool of the same id
aws.py          the operations of Amazon Cognito, asked as ours are
from_aws.py     a pool from there: its configuration, its users, and where their passwords are asked about
"""
