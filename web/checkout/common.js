// What every page of the customer's does: ask the server, say what came of it, write amounts and
// times.

// Digits after the point where they are not two (ISO 4217; what Intl knows is CLDR's opinion).
const NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(" ");
const THREE = "BHD IQD JOD KWD LYD OMR TND".split(" ");
export const RESULTS = {
  SUCCEEDED: "付款成功 · Paid", SENDING: "处理中 · Under way", UNKNOWN: "处理中 · Under way",
  REFUSED: "付款被拒绝 · Refused", BLOCKED: "付款已阻止 · Blocked", EXPIRED: "已过期 · Expired",
  FAILED: "付款失败 · Failed", CHALLENGED: "请继续验证 · One more step",
};
export const page = (id) => document.getElementById(id);
export const [purpose, ticket] = location.hash.slice(1).split("=");
export const once = () => crypto.randomUUID();

export async function call(path, body) {
  const answer = await fetch(`/v1/checkout/${path}`, {
    method: "POST", headers: { "Accept-Language": navigator.language },
    body: JSON.stringify({ ticket, ...body }),
  }).catch(() => {
    throw Object.assign(new Error("网络不通，请重试 · No connection; try again"), { code: "offline" });
  });
  const document_ = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(`${document_.title} ${document_.detail}`), document_);
  return document_;
}

export function say(text, state) {
  page("result").textContent = text;
  page("result").dataset.state = state;
}

// One thing at a time: while it is under way nothing else can be clicked, typed or sent.
export async function attempt(work) {
  const focused = document.activeElement;
  page("controls").disabled = true;
  page("result").textContent = "";
  delete page("result").dataset.state;
  try {
    await work();
  } catch (error) {
    say(error.message, error.code ?? error.name);
  }
  page("controls").disabled = false;
  focused.focus();
}

export function money(minor, currency) {
  const digits = NONE.includes(currency) ? 0 : THREE.includes(currency) ? 3 : 2;
  return `${(minor / 10 ** digits).toFixed(digits)} ${currency}`;
}

const SHANGHAI = { timeZone: "Asia/Shanghai", dateStyle: "short" };
const asDay = new Intl.DateTimeFormat("sv-SE", SHANGHAI);
const asTime = new Intl.DateTimeFormat("sv-SE", { ...SHANGHAI, timeStyle: "short" });
// 2027-02-21, 2027-02-21 12:00: natural days are Beijing's, wherever the customer is.
export const day = (moment) => asDay.format(new Date(moment));
export const time = (moment) => asTime.format(new Date(moment));

// A text in Chinese, and in English on a line of its own.
export function both(parent, kind, zh, en) {
  const made = line(parent, kind, zh);
  line(made, "span", en).lang = "en";
  return made;
}

export function line(parent, kind, text) {
  const made = document.createElement(kind);
  made.textContent = text;
  parent.append(made);
  return made;
}
