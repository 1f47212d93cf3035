// What a web application does with amazon-cognito-identity-js when somebody signs up and later forgets the password:
// reads what to do as JSON from its first argument, prints what came of each step as one JSON document.

import { AuthenticationDetails, CognitoUser, CognitoUserAttribute, CognitoUserPool } from "amazon-cognito-identity-js";

const { endpoint, pool, client, username, email, password, newPassword } = JSON.parse(process.argv[2]);

const userPool = new CognitoUserPool({ UserPoolId: pool, ClientId: client, endpoint });
const user = new CognitoUser({ Username: username, Pool: userPool });

function called(method, ...given) {
  return new Promise((resolve) => {
    method(...given, (error, data) => resolve(error ? `${error.code}: ${error.message}` : data));
  });
}

async function newestCode() {
  const base = new URL(endpoint).origin;
  const answer = await (await fetch(`${base}/_cognomen/inbox?pool=${pool}`)).json();
  return answer.Messages[0].code;
}

function signIn(typed) {
  return new Promise((resolve) => {
    user.authenticateUser(new AuthenticationDetails({ Username: username, Password: typed }), {
      onSuccess: (session) => resolve(session.isValid()),
      onFailure: (error) => resolve(`${error.code}: ${error.message}`),
    });
  });
}

function forgot() {
  return new Promise((resolve) => {
    user.forgotPassword({ onFailure: (error) => resolve(String(error)), inputVerificationCode: resolve });
  });
}

function confirmed(code) {
  return new Promise((resolve) => {
    user.confirmPassword(code, newPassword, { onSuccess: resolve, onFailure: (error) => resolve(error.code) });
  });
}

const told = {};
const attributes = [new CognitoUserAttribute({ Name: "email", Value: email })];
const signedUp = await called(userPool.signUp.bind(userPool), username, password, attributes, null);
told.sub = signedUp.userSub;
told.userConfirmed = signedUp.userConfirmed;
told.delivery = signedUp.codeDeliveryDetails;
told.taken = await called(userPool.signUp.bind(userPool), username, password, attributes, null);
told.early = await signIn(password);
told.resent = await called(user.resendConfirmationCode.bind(user));
const code = await newestCode();
told.wrong = await called(user.confirmRegistration.bind(user), `${code}0`, false);
told.confirmed = await called(user.confirmRegistration.bind(user), code, false);
told.signedIn = await signIn(password);
told.forgot = await forgot();
told.reset = await confirmed(await newestCode());
told.signedInAnew = await signIn(newPassword);

console.log(JSON.stringify(told));
