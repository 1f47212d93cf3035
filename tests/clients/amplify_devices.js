// A web application on a device, by Amplify, which confirms new devices by itself and keeps their secrets: reads what to do
// as JSON from its first argument, prints what came of each step as one JSON document.

import { Amplify } from "aws-amplify";
import {
  confirmSignIn,
  fetchAuthSession,
  fetchDevices,
  forgetDevice,
  rememberDevice,
  signIn,
  signOut,
} from "aws-amplify/auth";
import { cognitoUserPoolsTokenProvider } from "aws-amplify/auth/cognito";

const { endpoint, pool, client, username, password, flow, answers } = JSON.parse(process.argv[2]);

const kept = new Map();
Amplify.configure({
  Auth: { Cognito: { userPoolId: pool, userPoolClientId: client, userPoolEndpoint: endpoint } },
});
cognitoUserPoolsTokenProvider.setKeyValueStorage({
  setItem: async (key, value) => void kept.set(key, value),
  getItem: async (key) => kept.get(key) ?? null,
  removeItem: async (key) => void kept.delete(key),
  clear: async () => kept.clear(),
});

// Signs in, and says on which device.
async function signedIn() {
  let step = await signIn({ username, password, options: { authFlowType: flow } });
  const asked = [];
  for (const answer of answers) {
    asked.push(step.nextStep.additionalInfo?.riddle);
    step = await confirmSignIn({ challengeResponse: answer });
  }
  if (!step.isSignedIn) throw new Error(step.nextStep.signInStep);
  const { tokens } = await fetchAuthSession();
  return { asked, device: tokens.accessToken.payload.device_key };
}

const told = {};
const first = await signedIn();
told.asked = first.asked;
await rememberDevice();
await fetchAuthSession({ forceRefresh: true });
await signOut();

const second = await signedIn();
told.sameDevice = second.device === first.device;
told.listed = (await fetchDevices()).map((device) => device.id === first.device);
await forgetDevice({ device: { id: first.device } });
told.afterForgetting = (await fetchAuthSession({ forceRefresh: true })).tokens !== undefined;
await signOut();

const third = await signedIn();
told.onNewDevice = third.device !== first.device;
console.log(JSON.stringify(told));
