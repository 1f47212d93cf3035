"""Managed login: what a person sees in a browser, in its present look and in the classic one.

    front.py         the addresses
    screens.py       a browser at a page: what it came with, and how it is shown the next one
    protection.py    the policy of pages, the token against forged forms, how forms are read
    signing_in.py    /login: the engine's questions as pages, its end as the app's answer
    challenges.py    a table from challenge to page and form
    questions.py     a question of the engine on its way through a page
    setting_up.py    MFA_SETUP, which takes several steps
    signing_up.py    /signup, /confirm, /resendcode, /confirmUser
    recovering.py    /forgotPassword, /confirmforgotPassword
    adding_passkeys.py   /passkeys/add
    providers.py     the buttons of identity providers, and the field that finds one by an address
    consenting.py    /consent, before an app that registered itself learns who signed in
    feedback.py      /eventFeedback, whether a sign-in that looked risky was the user's
    showing.py       the pages that more than one way leads to
    acting.py        what pages ask of the engine and of the API, under its limits
    fields.py        what a pool asks of its people: names, attributes, passwords
    refusals.py      the sentences of the API in the words of the pages
    serving.py       style sheets, scripts and images

    contexts.py      the pages: a record of what each is given
    rendering.py     a record as HTML (templates/)
    languages.py     the twelve languages (texts/), and which a browser is answered in
    own_texts.py     what an operator puts in the place of our texts, per pool and language
    looks.py         how the pages of a client look: branding document, images, the classic customization
    style_sheet.py   a branding document as CSS
    static.py        style sheets and scripts that are the same for everyone (files/)

A page runs no sign-in logic of its own: it asks sign_in/engine.py as the API does, and operations for the rest, so that every
rule, limit, trigger and lock-out is the same. The engine's session travels sealed in a form field, the authorization request in
another (oauth/authorization.py); nothing is kept between two requests.
"""
