"""The files of import jobs, at the addresses that CreateUserImportJob answers, and what became of their lines.

PUT /user-imports/{pool}/{job}?expires=…&signature=…    the CSV file, as documented for Amazon S3: one PUT of the bytes
GET /user-imports/{pool}/{job}?expires=…&signature=…    the log of the job

front.py    both of them
"""
