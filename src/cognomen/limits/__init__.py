"""How many requests a second are served, where an operator wants that limited (`rate_limits`), and how many forms.

categories.py   which operation counts where, and Amazon's default rates
buckets.py      the counters of a node: a file that its workers have in memory together
limiter.py      the limit before a request, with rates that are set at run time and shared among nodes
forms.py        the limit of the pages' forms, which holds once there is an access key
"""
