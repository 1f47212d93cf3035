// What a web server does with openid-client, from discovery to the end of the sign-in; prints what it was told.
// The person has signed in already: `cookie` is the browser's.

import * as client from "openid-client";

const { issuer, id, secret, cookie, redirect, scope, machine } = JSON.parse(process.argv[2]);

const plainHttp = { execute: [client.allowInsecureRequests] };
const config = await client.discovery(new URL(issuer), id, secret, undefined, plainHttp);

const verifier = client.randomPKCECodeVerifier();
const checks = {
  pkceCodeVerifier: verifier,
  expectedState: client.randomState(),
  expectedNonce: client.randomNonce(),
  idTokenExpected: true,
};
const url = client.buildAuthorizationUrl(config, {
  redirect_uri: redirect,
  scope,
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  state: checks.expectedState,
  nonce: checks.expectedNonce,
});
const led = await fetch(url, { headers: { cookie }, redirect: "manual" });
const callback = new URL(led.headers.get("location"));

const tokens = await client.authorizationCodeGrant(config, callback, checks);
const claims = tokens.claims();
const info = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);

async function refusal(promise) {
  try {
    return await promise;
  } catch (error) {
    return { error: error.error, status: error.status };
  }
}

await client.tokenRevocation(config, tokens.refresh_token);
const afterwards = await refusal(client.refreshTokenGrant(config, tokens.refresh_token));

const other = await client.discovery(new URL(issuer), machine.id, machine.secret, undefined, plainHttp);
const own = await client.clientCredentialsGrant(other, { scope: machine.scope });
const tooMuch = await refusal(client.clientCredentialsGrant(other, { scope: "api/unknown" }));

console.log(
  JSON.stringify({
    claims,
    info,
    refreshed: refreshed.claims(),
    expires: tokens.expires_in,
    afterwards,
    own: own.token_type,
    tooMuch,
  }),
);
