// What an API does with aws-jwt-verify: prints the claims of each token, or why it was refused, as one JSON document.

import { CognitoJwtVerifier, JwtVerifier } from "aws-jwt-verify";

const { issuer, jwks, pool, client, access, id } = JSON.parse(process.argv[2]);

// Amazon's address as issuer: its keys cannot be fetched from there, so they are handed over.
function amazonsVerifier(tokenUse) {
  const verifier = CognitoJwtVerifier.create({ userPoolId: pool, clientId: client, tokenUse });
  verifier.cacheJwks(jwks);
  return verifier;
}

// The server's own address as issuer: the keys are fetched from where it says.
function serversVerifier(tokenUse) {
  return JwtVerifier.create({ issuer, audience: tokenUse === "id" ? client : null });
}

async function verified(tokenUse, token) {
  const verifier = jwks ? amazonsVerifier(tokenUse) : serversVerifier(tokenUse);
  try {
    return await verifier.verify(token);
  } catch (error) {
    return `${error.constructor.name}: ${error.message}`;
  }
}

function altered(token) {
  const last = token.slice(-8);
  return token.slice(0, -8) + (last === "AAAAAAAA" ? "BBBBBBBB" : "AAAAAAAA");
}

console.log(
  JSON.stringify({
    access: await verified("access", access),
    id: await verified("id", id),
    altered: await verified("access", altered(access)),
  }),
);
