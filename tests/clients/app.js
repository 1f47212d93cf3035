// An app that shows codes (RFC 6238), and the codes that arrive in the inbox of a pool.

import { createHmac } from "node:crypto";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

// The code of a base32 secret, some steps of 30 seconds from now.
export function appCode(secret, steps = 0) {
  const bits = [...secret].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const digest = createHmac("sha1", key).update(counter).digest();
  const number = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

export async function newestCode(endpoint, pool) {
  const answer = await (await fetch(`${new URL(endpoint).origin}/_cognomen/inbox?pool=${pool}`)).json();
  return answer.Messages[0].code;
}
