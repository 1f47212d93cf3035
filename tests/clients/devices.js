// A web application on a device, by amazon-cognito-identity-js, which confirms new devices by itself and keeps their secrets:
// reads what to do as JSON from its first argument, prints what came of each step as one JSON document.

import { AuthenticationDetails, CognitoUser, CognitoUserPool } from "amazon-cognito-identity-js";

const { endpoint, pool, client, username, password, flow, answers } = JSON.parse(process.argv[2]);

const userPool = new CognitoUserPool({ UserPoolId: pool, ClientId: client, endpoint });

function signIn() {
  const user = new CognitoUser({ Username: username, Pool: userPool });
  user.setAuthenticationFlowType(flow);
  const left = [...(answers ?? [])];
  return new Promise((resolve) => {
    const callbacks = {
      onSuccess: (session, confirm) => resolve({ user, session, confirm }),
      onFailure: (error) => resolve({ user, error: `${error.code}: ${error.message}` }),
      customChallenge: () => user.sendCustomChallengeAnswer(left.shift(), callbacks),
    };
    user.authenticateUser(new AuthenticationDetails({ Username: username, Password: password }), callbacks);
  });
}

function done(method, ...given) {
  return new Promise((resolve) => {
    method(...given, { onSuccess: resolve, onFailure: (error) => resolve(`${error.code}: ${error.message}`) });
  });
}

function refreshed({ user, session }) {
  return new Promise((resolve) => {
    user.refreshSession(session.getRefreshToken(), (error, data) =>
      resolve(error ? `${error.code}: ${error.message}` : data.isValid()),
    );
  });
}

function deviceOf({ session }) {
  return session.getAccessToken().payload.device_key;
}

const told = {};
const first = await signIn();
told.error = first.error;
told.confirm = first.confirm ?? false;
told.device = deviceOf(first);
told.isRemembered = await done(first.user.setDeviceStatusRemembered.bind(first.user));
told.refreshed = await refreshed(first);

const second = await signIn();
told.sameDevice = deviceOf(second) === told.device;
const shown = await done(second.user.getDevice.bind(second.user));
told.shown = shown.Device.DeviceKey === told.device;
const listed = await done(second.user.listDevices.bind(second.user), 10, null);
told.listed = listed.Devices.map((device) => device.DeviceKey);

told.forgotten = await done(first.user.forgetSpecificDevice.bind(first.user), told.device);
told.afterForgetting = await refreshed(second);
const third = await signIn();
told.onNewDevice = third.error ?? deviceOf(third) !== told.device;
told.refreshedAnew = third.session ? await refreshed(third) : null;

console.log(JSON.stringify(told));
