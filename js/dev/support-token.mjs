// What a shop's back end does for `identify`: it names the customer who is signed in with it, in a token
// that the desk believes. The demo's one customer is always signed in with this one.
import { createHmac } from "node:crypto";

const customer = { sub: "customer-17", name: "Ana Ruiz" };
const valid_s = 300;

/** @param {string} key which the desk has too */
export function supportToken(key) {
  const part = (/** @type {object} */ value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const exp = Math.floor(Date.now() / 1000) + valid_s;
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part({ ...customer, aud: "demo", exp })}`;
  return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
}
