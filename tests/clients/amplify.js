// What a web application does with AWS Amplify, unchanged but for its endpoint: signs up, signs in with SRP, sets up an app,
// signs in with it and by e-mail, refreshes, signs out. Reads what to do as JSON from its first argument, prints what came of
// each step as one JSON document.

import { Amplify } from "aws-amplify";
import {
  confirmSignIn,
  confirmSignUp,
  fetchAuthSession,
  fetchMFAPreference,
  fetchUserAttributes,
  getCurrentUser,
  setUpTOTP,
  signIn,
  signOut,
  signUp,
  updateMFAPreference,
  verifyTOTPSetup,
} from "aws-amplify/auth";
import { cognitoUserPoolsTokenProvider } from "aws-amplify/auth/cognito";

import { appCode, newestCode } from "./app.js";

const { endpoint, pool, client, username, email, password } = JSON.parse(process.argv[2]);

// Node.js has no local storage, where tokens are in a browser.
const kept = new Map();
cognitoUserPoolsTokenProvider.setKeyValueStorage({
  setItem: async (key, value) => void kept.set(key, value),
  getItem: async (key) => kept.get(key) ?? null,
  removeItem: async (key) => void kept.delete(key),
  clear: async () => kept.clear(),
});
Amplify.configure({
  Auth: { Cognito: { userPoolId: pool, userPoolClientId: client, userPoolEndpoint: endpoint } },
});

async function failed(act) {
  try {
    await act();
    return null;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

async function step(act) {
  return (await act()).nextStep.signInStep;
}

const told = {};
const attributes = { userAttributes: { email } };
const signedUp = await signUp({ username, password, options: attributes });
told.signUp = [signedUp.nextStep.signUpStep, signedUp.nextStep.codeDeliveryDetails];
const confirmed = await confirmSignUp({ username, confirmationCode: await newestCode(endpoint, pool) });
told.confirmed = confirmed.isSignUpComplete;

told.wrong = await failed(() => signIn({ username, password: `${password}x` }));
told.signedIn = await step(() => signIn({ username, password }));
const { sharedSecret } = await setUpTOTP();
await verifyTOTPSetup({ code: appCode(sharedSecret) });
await updateMFAPreference({ totp: "PREFERRED", email: "ENABLED" });
told.preference = await fetchMFAPreference();
await signOut();

told.withApp = await step(() => signIn({ username, password }));
told.wrongCode = await failed(() => confirmSignIn({ challengeResponse: "000000" }));
told.byApp = await step(() => confirmSignIn({ challengeResponse: appCode(sharedSecret, 1) }));
await updateMFAPreference({ totp: "ENABLED", email: "ENABLED" });
told.none = await fetchMFAPreference();
await signOut();

told.choice = await step(() => signIn({ username, password }));
const chosen = await confirmSignIn({ challengeResponse: "EMAIL" });
told.chosen = [chosen.nextStep.signInStep, chosen.nextStep.codeDeliveryDetails];
told.byMail = await step(async () =>
  confirmSignIn({ challengeResponse: await newestCode(endpoint, pool) }),
);

told.user = (await getCurrentUser()).username;
told.attributes = await fetchUserAttributes();
const first = (await fetchAuthSession()).tokens.accessToken.toString();
const refreshed = (await fetchAuthSession({ forceRefresh: true })).tokens.accessToken.toString();
told.refreshed = first !== refreshed;
await signOut({ global: true });
told.signedOut = await failed(() => getCurrentUser());

console.log(JSON.stringify(told));
