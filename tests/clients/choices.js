// What an application does with aws-amplify where its users choose how they sign in, unchanged but for its endpoint:
// reads what to do as JSON from its first argument, prints what came of each step as one JSON document.

import { Amplify } from "aws-amplify";
import {
  autoSignIn,
  confirmSignIn,
  confirmSignUp,
  fetchAuthSession,
  fetchUserAttributes,
  getCurrentUser,
  signIn,
  signOut,
  signUp,
} from "aws-amplify/auth";

const { endpoint, pool, client, username, password, newcomer } = JSON.parse(process.argv[2]);

Amplify.configure({
  Auth: { Cognito: { userPoolId: pool, userPoolClientId: client, userPoolEndpoint: endpoint } },
});

async function newestCode(of) {
  const answer = await fetch(`${endpoint}/_cognomen/inbox?${new URLSearchParams({ pool, user: of })}`);
  return (await answer.json()).Messages[0].code;
}

async function who() {
  const told = (await getCurrentUser()).username;
  const { tokens } = await fetchAuthSession();
  await signOut();
  return { username: told, tokenUse: tokens.accessToken.payload.token_use };
}

function step({ nextStep }) {
  return nextStep.signInStep;
}

const told = {};

const choice = await signIn({ username, options: { authFlowType: "USER_AUTH" } });
told.choice = { step: step(choice), available: choice.nextStep.availableChallenges };
told.chosenPassword = step(await confirmSignIn({ challengeResponse: "PASSWORD" }));
told.password = step(await confirmSignIn({ challengeResponse: password }));
told.byPassword = await who();

await signIn({ username, options: { authFlowType: "USER_AUTH" } });
told.chosenSrp = step(await confirmSignIn({ challengeResponse: "PASSWORD_SRP" }));
told.srp = step(await confirmSignIn({ challengeResponse: password }));
told.bySrp = await who();

const preferred = { authFlowType: "USER_AUTH", preferredChallenge: "PASSWORD_SRP" };
told.preferredSrp = step(await signIn({ username, password, options: preferred }));
told.byPreferredSrp = await who();

const byCode = { authFlowType: "USER_AUTH", preferredChallenge: "EMAIL_OTP" };
const asked = await signIn({ username, options: byCode });
told.code = { step: step(asked), destination: asked.nextStep.codeDeliveryDetails?.destination };
told.wrongCode = await confirmSignIn({ challengeResponse: "00000000" }).catch((error) => error.name);
told.rightCode = step(await confirmSignIn({ challengeResponse: await newestCode(username) }));
told.verified = (await fetchUserAttributes()).email_verified;
told.byCode = await who();

const signedUp = await signUp({
  username: newcomer,
  options: {
    userAttributes: { email: `${newcomer}@example.com` },
    autoSignIn: { authFlowType: "USER_AUTH" },
  },
});
told.signedUp = signedUp.nextStep.signUpStep;
const confirmed = await confirmSignUp({ username: newcomer, confirmationCode: await newestCode(newcomer) });
told.confirmed = confirmed.nextStep.signUpStep;
told.signedInAtOnce = step(await autoSignIn());
told.byConfirmation = await who();

console.log(JSON.stringify(told));
process.exit(0); // the library has set a timer that would keep it for minutes
