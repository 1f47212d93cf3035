// The ceremony of a passkey: the options come with the page, what the browser answers goes back in its form.
"use strict";

const form = document.getElementById("passkey");
const given = document.getElementById("passkey-options");
const failed = document.getElementById("passkey-failed");
const button = form.querySelector("button");
button.hidden = false; // without this script it could do nothing

const toBytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (character) => character.charCodeAt(0));

const toText = (bytes) =>
  bytes
    ? btoa(String.fromCharCode(...new Uint8Array(bytes)))
        .replace(/\+/g, "-")
        .replace(/\//g, "_")
        .replace(/=+$/, "")
    : undefined;

const withBytes = (credentials) => (credentials ?? []).map((each) => ({ ...each, id: toBytes(each.id) }));

async function ceremony() {
  const options = JSON.parse(given.value);
  options.challenge = toBytes(options.challenge);
  if (given.dataset.ceremony === "create") {
    options.user.id = toBytes(options.user.id);
    options.excludeCredentials = withBytes(options.excludeCredentials);
    return navigator.credentials.create({ publicKey: options });
  }
  options.allowCredentials = withBytes(options.allowCredentials);
  return navigator.credentials.get({ publicKey: options });
}

function answer(credential) {
  const { response } = credential;
  const said = { clientDataJSON: toText(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) said[name] = toText(response[name]);
  }
  if (response.getTransports) said.transports = response.getTransports();
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: said,
  });
}

form.addEventListener("submit", async (event) => {
  if (form.elements.credential.value) return;
  event.preventDefault();
  failed.hidden = true;
  button.disabled = true;
  try {
    form.elements.credential.value = answer(await ceremony());
    form.submit();
  } catch {
    failed.hidden = false;
    button.disabled = false;
  }
});
