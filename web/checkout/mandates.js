// Mandates as their customer sees them: the terms, every use, and the way to end one at once.

import {
  RESULTS, attempt, both, call, day, line, money, once, page, say, time,
} from "./common.js";

const STATES = {
  PENDING: "待确认 · Not confirmed yet", ACTIVE: "生效中 · In force", REVOKED: "已关闭 · Ended",
  FAILED: "未确认 · Never confirmed",
};

// Every term, in words of whoever has never heard of a mandate.
export function showTerms(parent, mandate) {
  const { currency } = mandate;
  const terms = line(parent, "dl", "");
  const term = (zh, en, text) => {
    both(terms, "dt", zh, en);
    return Array.isArray(text) ? both(terms, "dd", ...text) : line(terms, "dd", text);
  };
  term("用途", "For", mandate.purpose);
  term("每笔最多", "Each payment, at most", money(mandate.per_payment, currency));
  term("每日最多", "A day, at most", money(mandate.per_day, currency));
  term("每月最多", "A month, at most", money(mandate.per_month, currency));
  const from = mandate.agreed_at ? time(mandate.agreed_at) : ["您同意之时", "When you agree"];
  term("开始", "From", from);
  term("结束（北京时间）", "Until (Beijing time)", time(mandate.ends_at));
  const bound = ["仅限您绑定的设备", "Your bound device only"];
  term("设备", "Device", mandate.one_tap ? bound : ["不限", "Any"]);
}

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
  say(STATES[ended.state], ended.state);
}

async function showMandate(mandate) {
  const part = line(page("agreed"), "article", "");
  part.dataset.mandate = mandate.id;
  line(part, "h2", mandate.merchant_name);
  line(part, "p", STATES[mandate.state]).dataset.state = mandate.state;
  showTerms(part, mandate);
  if (mandate.state === "ACTIVE" || mandate.state === "PENDING") {
    const end = line(part, "button", "立即关闭 · End it now");
    end.addEventListener("click", () => attempt(() => revoke(mandate)));
  }
  await showUses(line(part, "ul", ""), mandate, null);
}

export async function showMandates() {
  const mandates = await call("mandates", {});
  page("agreed").replaceChildren();
  page("none").hidden = mandates.data.length > 0;
  page("mandates").hidden = false;
  for (const mandate of mandates.data) await showMandate(mandate);
}
