// What an app in a browser does with oidc-client-ts, as far as that needs no window; prints what it was told.
// The person has signed in already: `cookie` is the browser's.

import { InMemoryWebStorage, OidcClient, WebStorageStateStore } from "oidc-client-ts";

const { issuer, id, cookie, redirect, scope, signedOut } = JSON.parse(process.argv[2]);

const app = new OidcClient({
  authority: issuer,
  client_id: id,
  redirect_uri: redirect,
  scope,
  loadUserInfo: true,
  stateStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
});

async function answerTo(url, cookie) {
  const led = await fetch(url, { headers: cookie ? { cookie } : {}, redirect: "manual" });
  return led.headers.get("location");
}

const request = await app.createSigninRequest({ state: { page: 7 } });
const response = await app.processSigninResponse(await answerTo(request.url, cookie));

const silent = await app.createSigninRequest({ prompt: "none" });
let withoutSession;
try {
  await app.processSigninResponse(await answerTo(silent.url));
} catch (error) {
  withoutSession = { error: error.error };
}

const refreshed = await app.useRefreshToken({
  state: {
    refresh_token: response.refresh_token,
    id_token: response.id_token,
    profile: response.profile,
    scope: response.scope,
    session_state: null,
    data: null,
  },
});
await app.revokeToken(response.refresh_token, "refresh_token");

const out = await app.createSignoutRequest({
  extraQueryParams: { client_id: id, logout_uri: signedOut },
});

console.log(
  JSON.stringify({
    profile: response.profile,
    state: response.userState,
    withoutSession,
    refreshed: refreshed.access_token !== response.access_token,
    leadsTo: await answerTo(out.url, cookie),
    again: await answerTo(request.url, cookie),
  }),
);
