"""The ways a message leaves the outbox.

    targets.py      what the settings `email_carriers` and `sms_carriers` say
    parcel.py       what a carrier is handed
    smtp.py         a mail server; mail.py makes the mail, html_text.py its part without markup
    ses.py          Amazon SES
    sns.py          Amazon SNS, and AWS End User Messaging where a pool asks for that
    aws.py          the clients of both: the library, the threads, the roles
    gateway.py      a URL, asked with the message as a signed JSON body
    custom_sender.py    the function of a pool's owner, where it has one for it
    failures.py     how a message is not carried
    table.py        which carrier a pool has

A carrier has a `name` and two coroutines: `carry(parcel)` hands a message over and returns once the other side has
acknowledged it, `close()` ends its connections. What it raises is Undelivered; whatever else it raises counts as such. It may
be stopped at any moment and run again. A pool that has no carrier keeps its messages in the inbox.
"""
