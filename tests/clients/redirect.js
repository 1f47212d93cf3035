// A web application whose users sign in at the pages of its pool, with AWS Amplify, unchanged but for its endpoint. Its page has
// what Amplify is to be told; `app` is what its buttons would do, and `heard` what Amplify said about the person since it was loaded.

import { Amplify } from "aws-amplify";
import {
  fetchAuthSession,
  fetchMFAPreference,
  fetchUserAttributes,
  getCurrentUser,
  signInWithRedirect,
  signOut,
} from "aws-amplify/auth";
import { Hub } from "aws-amplify/utils";

const heard = [];
Hub.listen("auth", ({ payload: { event, data } }) => {
  heard.push({ event, data: data?.error ? `${data.error.name}: ${data.error.message}` : data });
});
Amplify.configure(JSON.parse(document.getElementById("configuration").textContent));

async function tokens(options) {
  const { tokens: found } = await fetchAuthSession(options);
  return found ? { access: `${found.accessToken}`, id: `${found.idToken}` } : null;
}

async function user() {
  const { username, userId } = await getCurrentUser();
  return { username, userId, attributes: await fetchUserAttributes() };
}

window.heard = heard;
window.app = { fetchMFAPreference, signInWithRedirect, signOut, tokens, user };
