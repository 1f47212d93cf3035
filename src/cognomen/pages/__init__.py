"""Managed login: what a person sees in a browser, in its present look and in the classic one.

contexts.py      the pages: a record of what each is given
rendering.py     a record as HTML (templates/)
languages.py     the twelve languages (texts/), and which a browser is answered in
looks.py         how the pages of a client look: branding document, images, the classic customization
style_sheet.py   a branding document as CSS
static.py        style sheets and scripts that are the same for everyone (files/)
"""
