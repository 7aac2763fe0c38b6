// What a passkey signs is worked out here, of what stands on the screen: if somebody on the way
// showed something else, the signature is not good for what is asked.

import { startAuthentication, type PublicKeyCredentialRequestOptionsJSON } from "@simplewebauthn/browser";
import type { Schemas, Sent } from "./api";

export type Challenge = Schemas["ChallengeDocument"];
export type Linked = Schemas["LinkedDocument"];
export type Given = Sent<Schemas["ProofForm"]>;
type Flat = Record<string, string | number | boolean | null>;

// RFC 8785 for flat objects of text, whole numbers, true, false and null.
function canonical(object: Flat): string {
  const keys = Object.keys(object).sort();
  return JSON.stringify(Object.fromEntries(keys.map((key) => [key, object[key]])));
}

export async function digest(object: Flat): Promise<Uint8Array> {
  const bytes = new TextEncoder().encode(canonical(object));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

function base64url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

export async function byPasskey(challenge: Challenge, linked: Linked): Promise<Given> {
  const { payment, payee, amount, currency, order } = linked;
  const link = await digest({ v: 2, payment, payee, amount, currency, order });
  const signed = await digest({ v: 1, challenge: challenge.id, link: hex(link) });
  const options = challenge.options as unknown as PublicKeyCredentialRequestOptionsJSON;
  const optionsJSON = { ...options, challenge: base64url(signed) };
  return { factor: "passkey", assertion: await startAuthentication({ optionsJSON }) };
}

const HERE = ["passkey", "totp", "hotp", "sms_code", "password"];

/** What this page can be answered with now: of the ways it can go to the end. */
export function offered({ ways, proven, next }: Challenge): string[] {
  const open = ways.filter(
    (way) => proven.every((done) => way.includes(done)) && way.every((one) => HERE.includes(one)),
  );
  return next.filter((factor) => open.some((way) => way.includes(factor)));
}

/** Whether a code was sent by itself, because nothing less intrusive would do. */
export const wasSent = ({ ways }: Challenge): boolean => ways[0]?.includes("sms_code") ?? false;
