"""What a request costs: the load that the figures in docs/performance.md come from.

    __main__.py     the options of `./dev bench`, and the measurements in their order
    databases.py    a SQLite file, or a PostgreSQL that keeps its promises (fsync) as one in earnest does
    fill.py         a pool of any size, written as the store writes it, but many rows at once
    serve.py        `cognomen serve` as a process of its own, and how long it takes to answer
    requests.py     the requests that are measured, their budgets, and their bytes
    load.py         the driver: sends them, and reads the server's account before and after
    measure.py      the operating system's account of a process: CPU, memory; and the unit, one RSA-2048 signature
    report.py       the table and the plot in results/

CPU is what the system has booked for the server's processes, all workers and their supervisor; never the time on the
wall, which on a shared machine says more about the others. The database server's CPU stands beside it, not in it. A
figure in signatures holds on any machine: the signature is timed in the same second as the requests.
"""
