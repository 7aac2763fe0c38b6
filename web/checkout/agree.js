// The customer agrees to a mandate, or does not. What is proven is a digest of the terms as they
// stand on the screen: other terms than those proposed are refused.

import { digest, hex, offer } from "./challenge.js";
import { attempt, call, once, page, say } from "./common.js";
import { showTerms } from "./mandates.js";

const ENDS = {
  ACTIVE: "已同意，免密支付已开通 · You agreed: it is in force",
  REVOKED: "未开通或已关闭 · Declined or ended: nothing can be taken",
  FAILED: "验证未通过，未开通 · Not confirmed: nothing can be taken",
  PENDING: "已超时，未开通；请商户重新发起 · Too late: have the merchant ask again",
};
const PARTS = ["before", "consent", "proof", "refuse"];

function digestOfTerms({ mandate, merchant, signatory }) {
  const { currency, per_payment, per_day, per_month, purpose, one_tap, ends_at } = mandate;
  return digest({
    v: 2, signatory, merchant, currency, per_payment, per_day, per_month, purpose, one_tap,
    ends_at: Date.parse(ends_at),
  });
}

async function answered(shown, given) {
  try {
    await show(await call("mandate/answer", { once: once(), shown, answer: given }));
  } catch (error) {
    if (error.code !== "challenge_failed") await openMandate();  // perhaps answered elsewhere
    if (!page("consent").hidden) throw error;
  }
}

async function show(asked) {
  const { mandate, merchant, challenge } = asked;
  page("merchant").textContent = mandate.merchant_name;
  page("terms").replaceChildren();
  showTerms(page("terms"), mandate);
  page("mandate").hidden = false;
  for (const part of PARTS) page(part).hidden = challenge === null;
  if (challenge === null) return say(ENDS[mandate.state], mandate.state);
  if (challenge.proven.length > 0) say("请继续验证 · One more step", "PENDING");
  const shown = hex(await digestOfTerms(asked));
  const { per_payment: amount, currency } = mandate;
  offer(challenge, {
    linked: { payment: mandate.id, payee: merchant, amount, currency, order: shown },
    answer: (given) => answered(shown, given),
    send: () => call("mandate/code", { once: once() }),
  });
  page("proof").hidden = !page("agreeing").checked;
  return undefined;
}

async function decline() {
  try {
    await show(await call("mandate/decline", { once: once() }));
  } catch {
    await openMandate();  // it ended elsewhere
  }
}

export async function openMandate() {
  page("agreeing").onchange = () => { page("proof").hidden = !page("agreeing").checked; };
  page("refuse").textContent = "不同意 · I do not agree";
  page("refuse").onclick = () => attempt(decline);
  await show(await call("mandate", {}));
}
