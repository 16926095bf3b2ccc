"""Importing customer lists: files in, contacts out.

    importing.py   what web and CLI call: preview(), import_file()
    worker.py      a process of its own that reads the file and makes contacts of its rows
    table.py       CSV and workbooks as rows with line numbers
    encoding.py    which encoding, which delimiter
    zones.py       every zone name that may be written in a list

The rules are in rules/contact_list.py, rules/contact_columns.py and rules/phone_number.py; the SQL
is store/contact_list.py's.
"""
