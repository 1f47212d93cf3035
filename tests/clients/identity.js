// What a web application does with amazon-cognito-identity-js, unchanged but for its endpoint:
// reads what to do as JSON from its first argument, prints what came of each step as one JSON document.

import { AuthenticationDetails, CognitoUser, CognitoUserPool } from "amazon-cognito-identity-js";

const { endpoint, pool, client, username, password, wrongPassword, newPassword } = JSON.parse(process.argv[2]);

const userPool = new CognitoUserPool({ UserPoolId: pool, ClientId: client, endpoint });

function userOf() {
  return new CognitoUser({ Username: username, Pool: userPool });
}

function signIn(user, typed) {
  return new Promise((resolve) => {
    user.authenticateUser(new AuthenticationDetails({ Username: username, Password: typed }), {
      onSuccess: (session) => resolve({ session }),
      onFailure: (error) => resolve({ error: `${error.code}: ${error.message}` }),
      newPasswordRequired: (attributes, required) => resolve({ newPasswordRequired: { attributes, required } }),
    });
  });
}

function called(method, ...given) {
  return new Promise((resolve) => {
    method(...given, (error, data) => resolve(error ? `${error.code}: ${error.message}` : data));
  });
}

function completed(user) {
  return new Promise((resolve, reject) => {
    user.completeNewPasswordChallenge(newPassword, {}, { onSuccess: resolve, onFailure: reject });
  });
}

const told = {};
told.wrong = (await signIn(userOf(), wrongPassword)).error;

const user = userOf();
const first = await signIn(user, password);
told.asked = first.newPasswordRequired;
const session = first.session ?? (await completed(user));
told.access = session.getAccessToken().getJwtToken();
told.id = session.getIdToken().getJwtToken();
told.username = user.getUsername();

const refreshed = await called(user.refreshSession.bind(user), session.getRefreshToken());
told.refreshedAccess = refreshed.getAccessToken().getJwtToken();
told.isValid = refreshed.isValid();

const attributes = await called(user.getUserAttributes.bind(user));
told.attributes = Object.fromEntries(attributes.map((attribute) => [attribute.Name, attribute.Value]));

const other = userOf();
const second = (await signIn(other, newPassword ?? password)).session;
told.signedOut = await new Promise((resolve) => {
  user.globalSignOut({ onSuccess: resolve, onFailure: (error) => resolve(String(error)) });
});
told.afterSignOut = await called(other.refreshSession.bind(other), second.getRefreshToken());

console.log(JSON.stringify(told));
