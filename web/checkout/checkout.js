"use strict";
// The payer's page. What a passkey signs is worked out here, of what stands on the screen: if
// somebody on the way showed another amount, the signature is not the payment's.

const NAMES = {
  passkey: "通行密钥 · Passkey", totp: "动态口令 · Authenticator code", hotp: "令牌口令 · Token code",
  sms_code: "短信验证码 · SMS code", password: "支付密码 · Payment password",
};
const EXPONENTS = { JPY: 0, KRW: 0, KWD: 3, BHD: 3 };
const RESULTS = {
  SUCCEEDED: "付款成功 · Paid", SENDING: "处理中 · Under way", UNKNOWN: "处理中 · Under way",
  REFUSED: "付款被拒绝 · Refused", BLOCKED: "付款已阻止 · Blocked", EXPIRED: "已过期 · Expired",
  FAILED: "付款失败 · Failed", CHALLENGED: "请继续验证 · One more step",
};
const page = (id) => document.getElementById(id);
const [purpose, ticket] = location.hash.slice(1).split("=");

async function call(path, body) {
  const answer = await fetch(`/v1/checkout/${path}`, {
    method: "POST", headers: { "Accept-Language": navigator.language },
    body: JSON.stringify({ ticket, ...body }),
  });
  const document_ = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(`${document_.title} ${document_.detail}`), document_);
  return document_;
}

const once = () => crypto.randomUUID();

// RFC 8785 for flat objects of text, whole numbers and null.
function canonical(object) {
  return JSON.stringify(Object.fromEntries(Object.keys(object).sort().map((k) => [k, object[k]])));
}

async function sha256(text) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}

const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

async function signedBytes(challenge) {
  const { payment, payee, amount, currency, order } = challenge.linked;
  const link = await sha256(canonical({ v: 2, payment, payee, amount, currency, order }));
  return sha256(canonical({ v: 1, challenge: challenge.id, link: hex(link) }));
}

function money(minor, currency) {
  const digits = EXPONENTS[currency] ?? 2;
  return `${(minor / 10 ** digits).toFixed(digits)} ${currency}`;
}

async function byPasskey(challenge) {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(challenge.options);
  publicKey.challenge = await signedBytes(challenge);
  const credential = await navigator.credentials.get({ publicKey });
  return { factor: "passkey", assertion: credential.toJSON() };
}

async function answer(challenge, given) {
  const { payee, amount, currency } = challenge.linked;
  const payment = await call("answer", {
    once: once(), answer: { ...given, shown: { payee, amount, currency } },
  });
  page("result").textContent = RESULTS[payment.state] ?? payment.state;
  page("result").dataset.state = payment.state;
  if (payment.state === "CHALLENGED") await showPayment();
  else page("payment").hidden = true;
}

function ask(challenge, factor) {
  const form = page("answer");
  page("asked").textContent = NAMES[factor];
  page("content").type = factor === "password" ? "password" : "text";
  page("content").value = "";
  form.hidden = false;
  form.onsubmit = (event) => {
    event.preventDefault();
    const part = factor === "password" ? "password" : "code";
    attempt(() => answer(challenge, { factor, [part]: page("content").value }));
  };
}

function choose(challenge, factor) {
  if (factor === "passkey") return attempt(async () => answer(challenge, await byPasskey(challenge)));
  ask(challenge, factor);
  const sent = challenge.ways[0].includes("sms_code");
  if (factor === "sms_code" && !sent) return attempt(() => call("code", { once: once() }));
  return undefined;
}

async function showPayment() {
  const challenge = await call("challenge", {});
  const { amount, currency, order } = challenge.linked;
  page("amount").textContent = money(amount, currency);
  page("payee").textContent = challenge.payee_name;
  page("order").textContent = order === null ? "" : `订单 · Order ${order}`;
  page("ways").replaceChildren(...challenge.next.filter((f) => f in NAMES).map((factor) => {
    const button = document.createElement("button");
    button.textContent = NAMES[factor];
    button.dataset.factor = factor;
    button.addEventListener("click", () => choose(challenge, factor));
    return button;
  }));
  page("answer").hidden = true;
  page("payment").hidden = false;
}

async function deny() {
  const payment = await call("deny", { once: once() });
  page("result").textContent = RESULTS[payment.state] ?? payment.state;
  page("result").dataset.state = payment.state;
  page("payment").hidden = true;
}

async function setUp() {
  const setup = await call("setup", {});
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(setup.options);
  const credential = await navigator.credentials.create({ publicKey });
  const factor = await call("confirm", { once: once(), answer: { attestation: credential.toJSON() } });
  page("result").textContent = "已设置 · Done";
  page("result").dataset.state = factor.state;
}

const STATES = {
  PENDING: "待确认 · Not confirmed yet", ACTIVE: "生效中 · In force", REVOKED: "已关闭 · Ended",
  FAILED: "未确认 · Never confirmed",
};

function line(parent, kind, text) {
  const made = document.createElement(kind);
  made.textContent = text;
  parent.append(made);
  return made;
}

const day = (moment) => moment.slice(0, 10);

async function showUses(parent, mandate, after) {
  const uses = await call("mandates/uses", { mandate: mandate.id, after });
  for (const use of uses.data) {
    const state = RESULTS[use.state] ?? use.state;
    line(parent, "li", `${day(use.at)} ${money(use.amount, use.currency)} ${state}`).dataset.state = use.state;
  }
  if (!uses.more) return;
  const more = line(parent, "button", "更多 · More");
  more.addEventListener("click", () => attempt(async () => {
    more.remove();
    await showUses(parent, mandate, uses.data.at(-1).id);
  }));
}

async function revoke(mandate) {
  const ended = await call("mandates/revoke", { once: once(), mandate: mandate.id });
  await showMandates();
  page("result").textContent = STATES[ended.state];
  page("result").dataset.state = ended.state;
}

async function showMandate(mandate) {
  const part = line(page("agreed"), "article", "");
  part.dataset.mandate = mandate.id;
  const { currency } = mandate;
  line(part, "h2", mandate.merchant_name);
  line(part, "p", STATES[mandate.state]).dataset.state = mandate.state;
  line(part, "p", mandate.purpose);
  line(part, "p", `每笔 · Each ${money(mandate.per_payment, currency)}`);
  line(part, "p", `每日 · A day ${money(mandate.per_day, currency)}`);
  line(part, "p", `每月 · A month ${money(mandate.per_month, currency)}`);
  line(part, "p", `有效期至 · Until ${day(mandate.ends_at)}`);
  if (mandate.one_tap) line(part, "p", "仅限已绑定设备 · From your bound device only");
  if (mandate.state === "ACTIVE" || mandate.state === "PENDING") {
    const end = line(part, "button", "立即关闭 · End it now");
    end.addEventListener("click", () => attempt(() => revoke(mandate)));
  }
  await showUses(line(part, "ul", ""), mandate, null);
}

async function showMandates() {
  const mandates = await call("mandates", {});
  page("agreed").replaceChildren();
  page("none").hidden = mandates.data.length > 0;
  page("mandates").hidden = false;
  for (const mandate of mandates.data) await showMandate(mandate);
}

async function attempt(work) {
  page("result").textContent = "";
  delete page("result").dataset.state;
  try {
    await work();
  } catch (error) {
    page("result").textContent = error.message;
    page("result").dataset.state = error.code ?? error.name;
  }
}

if (purpose === "set") {
  page("setup").hidden = false;
  page("create").addEventListener("click", () => attempt(setUp));
} else if (purpose === "mandates") {
  attempt(showMandates);
} else {
  page("deny").addEventListener("click", () => attempt(deny));
  attempt(showPayment);
}
