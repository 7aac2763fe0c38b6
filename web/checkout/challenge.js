// A challenge is met. What a passkey signs is worked out here, of what stands on the screen: if
// somebody on the way showed something else, the signature is not good for what is asked.

import { attempt, line, page } from "./common.js";

const NAMES = {
  passkey: "通行密钥 · Passkey", totp: "动态口令 · Authenticator code", hotp: "令牌口令 · Token code",
  sms_code: "短信验证码 · SMS code", password: "支付密码 · Payment password",
};
const NO_WAY = "此页面无法验证，请在 App 中确认 · Not possible on this page: confirm in your app";

// RFC 8785 for flat objects of text, whole numbers, true, false and null.
function canonical(object) {
  return JSON.stringify(Object.fromEntries(Object.keys(object).sort().map((k) => [k, object[k]])));
}

export async function digest(object) {
  const bytes = new TextEncoder().encode(canonical(object));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

export const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

async function byPasskey(challenge, linked) {
  const { payment, payee, amount, currency, order } = linked;
  const link = await digest({ v: 2, payment, payee, amount, currency, order });
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(challenge.options);
  publicKey.challenge = await digest({ v: 1, challenge: challenge.id, link: hex(link) });
  const credential = await navigator.credentials.get({ publicKey });
  return { factor: "passkey", assertion: credential.toJSON() };
}

function ask(factor, answer) {
  const secret = factor === "password";
  page("asked").textContent = NAMES[factor];
  page("content").type = secret ? "password" : "text";
  page("content").inputMode = secret ? "text" : "numeric";
  page("content").autocomplete = secret ? "off" : "one-time-code";
  page("content").value = "";
  page("answer").hidden = false;
  page("content").focus();
  for (const way of page("ways").children) way.ariaPressed = String(way.dataset.factor === factor);
  page("answer").onsubmit = (event) => {
    event.preventDefault();
    attempt(() => answer({ factor, [secret ? "password" : "code"]: page("content").value }));
  };
}

function choose(challenge, factor, { linked, answer, send }) {
  if (factor === "passkey") return attempt(async () => answer(await byPasskey(challenge, linked)));
  ask(factor, answer);
  const sent = challenge.ways[0].includes("sms_code");
  return factor === "sms_code" && !sent ? attempt(send) : undefined;
}

// What this page can be answered with now: of the ways it can go to the end.
function offered({ ways, proven, next }) {
  const open = ways.filter((way) => proven.every((f) => way.includes(f)) && way.every((f) => f in NAMES));
  return next.filter((factor) => open.some((way) => way.includes(factor)));
}

// `linked`: what the page shows, to be signed; `answer(given)` and `send()` ask the server.
export function offer(challenge, asked) {
  const factors = offered(challenge);
  page("ways").replaceChildren();
  for (const factor of factors) {
    const button = line(page("ways"), "button", NAMES[factor]);
    button.type = "button";
    button.dataset.factor = factor;
    button.addEventListener("click", () => choose(challenge, factor, asked));
  }
  if (factors.length === 0) line(page("ways"), "p", NO_WAY);
  const done = challenge.proven.map((factor) => NAMES[factor]).join(", ");
  page("done").textContent = done && `已验证 · Confirmed: ${done}`;
  page("answer").hidden = true;
  page("proof").hidden = false;
}
