"""The logs of pools on their way out, to what stands for the log groups, buckets and streams that their owners name.

sinks.py        what the setting `log_sinks` says of an ARN
files.py        a file, a JSON object a line
gateway.py      a URL, asked with the same lines, signed
failures.py     how logs are not taken
delivery.py     records are claimed, handed over, removed

Records are queued where they come to be (pools/log_records.py). Each is handed over at least once: where a process dies between
the two, or an answer is lost, once more.
"""
