// The customer's pages: a payment is confirmed, a passkey set up, mandates are agreed to and ended.

import { openMandate } from "./agree.js";
import { offer } from "./challenge.js";
import { RESULTS, attempt, call, money, once, page, purpose, say } from "./common.js";
import { showMandates } from "./mandates.js";

async function showPayment() {
  const challenge = await call("challenge", {});
  const { payee, amount, currency, order } = challenge.linked;
  page("amount").textContent = money(amount, currency);
  page("payee").textContent = challenge.payee_name;
  page("order").textContent = order === null ? "" : `订单 · Order ${order}`;
  page("payment").hidden = false;
  page("refuse").hidden = false;
  const shown = { payee, amount, currency };
  offer(challenge, {
    linked: challenge.linked,
    answer: async (given) => ended(await call("answer", { once: once(), answer: { ...given, shown } })),
    send: () => call("code", { once: once() }),
  });
}

async function ended(payment) {
  say(RESULTS[payment.state] ?? payment.state, payment.state);
  if (payment.state === "CHALLENGED") return showPayment();
  for (const part of ["payment", "proof", "refuse"]) page(part).hidden = true;
  return undefined;
}

async function setUp() {
  const setup = await call("setup", {});
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(setup.options);
  const credential = await navigator.credentials.create({ publicKey });
  const factor = await call("confirm", { once: once(), answer: { attestation: credential.toJSON() } });
  say("已设置 · Done", factor.state);
}

// Another ticket in the same window, or the window as it was before: nothing shown is kept.
addEventListener("hashchange", () => location.reload());
addEventListener("pageshow", (event) => event.persisted && location.reload());

if (purpose === "set") {
  page("setup").hidden = false;
  page("create").addEventListener("click", () => attempt(setUp));
} else if (purpose === "mandates") {
  attempt(showMandates);
} else if (purpose === "agree") {
  attempt(openMandate);
} else {
  page("refuse").textContent = "不是我本人操作 · This was not me";
  page("refuse").onclick = () => attempt(async () => ended(await call("deny", { once: once() })));
  attempt(showPayment);
}
