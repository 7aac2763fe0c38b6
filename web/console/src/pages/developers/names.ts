// What states of keys, endpoints and deliveries are called.

import type { Schemas } from "@anfu/api";
import { clockNow } from "../../app/clock";
import type { States } from "../../parts/StateTag";

export const KEY: States = {
  GOOD: { look: "good", en: "Good", zh: "有效" },
  ROTATED: { look: "warn", en: "Being replaced", zh: "轮换中" },
  EXPIRED: { look: "over", en: "Expired", zh: "已过期" },
  REVOKED: { look: "bad", en: "Revoked", zh: "已吊销" },
};

/** The state of a key now. */
export function stateOf(key: Schemas["KeyDocument"]): keyof typeof KEY {
  if (key.revoked_at) return "REVOKED";
  if (key.expires_at && Date.parse(key.expires_at) <= clockNow()) return "EXPIRED";
  return key.rotated_at ? "ROTATED" : "GOOD";
}

export const ENDPOINT: States = {
  ACTIVE: { look: "good", en: "Active", zh: "正常" },
  DISABLED: { look: "over", en: "Disabled", zh: "已停用" },
};

export const DELIVERY: States = {
  WAITING: { look: "wait", en: "Waiting", zh: "待投递" },
  DELIVERED: { look: "good", en: "Delivered", zh: "已送达" },
  DEAD: { look: "bad", en: "Given up", zh: "投递失败" },
};
