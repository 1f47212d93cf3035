// What a web application does with amazon-cognito-identity-js where second factors are required or chosen:
// reads what to do as JSON from its first argument, prints what came of each step as one JSON document.

import { AuthenticationDetails, CognitoUser, CognitoUserPool } from "amazon-cognito-identity-js";

import { appCode, newestCode } from "./app.js";

const { endpoint, pool, client, username, password } = JSON.parse(process.argv[2]);

const userPool = new CognitoUserPool({ UserPoolId: pool, ClientId: client, endpoint });

function userOf() {
  return new CognitoUser({ Username: username, Pool: userPool });
}

// Callbacks that resolve to what the user is asked, or to what becomes of it.
function callbacks(resolve) {
  return {
    onSuccess: (session) => resolve({ signedIn: session.isValid() }),
    onFailure: (error) => resolve({ error: `${error.code}: ${error.message}` }),
    mfaSetup: (name, parameters) => resolve({ asked: name, canSetUp: parameters.MFAS_CAN_SETUP }),
    totpRequired: (name) => resolve({ asked: name }),
    mfaRequired: (name, parameters) => resolve({ asked: name, sentTo: parameters.CODE_DELIVERY_DESTINATION }),
    selectMFAType: (name, parameters) => resolve({ asked: name, canChoose: parameters.MFAS_CAN_CHOOSE }),
  };
}

function signIn(user) {
  const details = new AuthenticationDetails({ Username: username, Password: password });
  return new Promise((resolve) => user.authenticateUser(details, callbacks(resolve)));
}

function answer(user, code, type) {
  return new Promise((resolve) => user.sendMFACode(code, callbacks(resolve), type));
}

const told = {};
let user = userOf();
told.first = await signIn(user);
const secret = await new Promise((resolve) => {
  user.associateSoftwareToken({ associateSecretCode: resolve, onFailure: (error) => resolve(String(error)) });
});
told.setUp = await new Promise((resolve) => {
  user.verifySoftwareToken(appCode(secret), "a phone", callbacks(resolve));
});

user = userOf();
told.second = await signIn(user);
told.wrong = await answer(user, "000000", "SOFTWARE_TOKEN_MFA");
told.right = await answer(user, appCode(secret, 1), "SOFTWARE_TOKEN_MFA");

const number = { Name: "phone_number", Value: "+17755550839" };
told.number = await new Promise((resolve) => {
  user.updateAttributes([number], (error, result) => resolve(error ? String(error) : result));
});
user = userOf();
told.third = await signIn(user);
told.chosen = await new Promise((resolve) => user.sendMFASelectionAnswer("SMS_MFA", callbacks(resolve)));
told.bySms = await answer(user, await newestCode(endpoint, pool), "SMS_MFA");
const settings = { Enabled: true, PreferredMfa: true };
told.preferred = await new Promise((resolve) => {
  user.setUserMfaPreference(settings, null, (error, result) => resolve(error ? String(error) : result));
});
told.data = await new Promise((resolve) => {
  user.getUserData((_, data) => resolve([data.PreferredMfaSetting, data.UserMFASettingList]), { bypassCache: true });
});
told.fourth = await signIn(userOf());

console.log(JSON.stringify(told));
