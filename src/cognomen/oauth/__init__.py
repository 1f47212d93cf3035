"""OAuth 2.0 and OpenID Connect: the endpoints beside the API, and the seam for the pages that a person sees.

    front.py             the addresses, and how each kind of them is served
    places.py            where a request has come to: a pool's domain, or the address that all pools have in common
    forms.py             parameters as they are sent, in a query or in a body
    answers.py           JSON, redirects, and the headers of every answer
    cookies.py           what all cookies have in common
    discovery.py         the two documents that tell verifiers where they are and which keys they may believe
    authorization.py     an authorization request: read, validated, sealed for a form
    authorize.py         /oauth2/authorize, which leads to /login, to an identity provider, or straight back to the app
    identity_providers.py   a provider found for its client, and the addresses that are registered with it
    departing.py         which identity provider is meant, and the way there
    crossings.py         a browser on its way to a provider and back: what goes along, and whose it is
    idp_response.py      /oauth2/idpresponse, where providers of OpenID Connect and social ones send it back to
    saml_idp_response.py /saml2/idpresponse, where SAML providers do
    kept_answers.py      what a provider has said in a form, until the browser is known
    continued.py         /oauth2/idpresponse/continued, where that is known
    arriving.py          the person is signed in, and the app told
    browser_sessions.py  the session of a browser, which saves a person from signing in again
    codes.py             authorization codes: made, and redeemed once
    finishing.py         the end of an authorization request: a code or tokens at the app's redirect URL
    clients.py           which app asks, and its proof
    token.py             /oauth2/token
    user_info.py         /oauth2/userInfo
    revoke.py            /oauth2/revoke
    logout.py            /logout
    saml_logout.py       the way out over the SAML provider, and /saml2/logout
    registration.py      apps that register themselves

                 app                    /oauth2/authorize                    pages                     app
                  │                            │                               │                        │
     sends a browser ──────────────────► read (validated)                      │                        │
                                               │                               │                        │
                                        a living session? ── yes ── go_on ─────┼──────────────────────► code
                                               │ no                            │                        │
                                       a provider is meant? ─ yes ─ departing ─┼─► the provider         │
                                               │ no                            │    │ idp_response,     │
                                               │                               │    │ saml_idp_response │
                                               │                               │    └ arriving ───────► code
                                               │                               │                        │
                                               └── 302 /login?<the same> ────► read, form with seal     │
                                                                               │                        │
                                                                     POST: unseal, sign_in.engine       │
                                                                               │                        │
                                                                          finish ─ cookie ────────────► code

The pages lie above this room: they import it, and app.py hands their routes to `front.front(node, pages)`. A page is an
async function of (Visit, Request) that returns a Response, made an address with `front.for_browsers(node, page)`:

    async def login(visit: Visit, request: Request) -> Response:
        asked = await authorization.read(visit.call, request.url.query)     # GET: every parameter of authorize
        sealed = authorization.seal(visit.call, asked)                      # goes into the form

    async def login_sent(visit: Visit, request: Request) -> Response:
        asked = await authorization.unseal(visit.call, form["authorization"])   # raises OAUTH_AUTHORIZATION_EXPIRED
        outcome = await engine.begin(visit.call, ...)                           # call has pool and client
        finished = await finishing.finish(visit, asked, outcome)                # once it is SignedIn
        return answers.redirect(finished.location, finished.cookies)

`visit.domain` is the pool's domain with its settings (which look the pages have), None at the common address;
`visit.base_url` is what links begin with. What a page raises is told by `for_browsers`: a Refusal at /error, SentBack at the
app's redirect URL (`authorization.sent_back`). A page that comes when a session lives already may ask `browser_sessions.living` and
`finishing.go_on`.
"""
