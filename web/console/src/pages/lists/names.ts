// What kinds and forms of lists are called.

import type { States } from "../../parts/StateTag";

export const KIND: States = {
  BLACK: { look: "bad", en: "Black", zh: "黑名单" },
  GREY: { look: "warn", en: "Grey", zh: "灰名单" },
  WHITE: { look: "good", en: "White", zh: "白名单" },
};

export const FORM: Record<string, { en: string; zh: string }> = {
  EXACT: { en: "the value as it is", zh: "原值匹配" },
  HASHED: { en: "a keyed hash of the value", zh: "密钥哈希匹配" },
  NETWORK: { en: "addresses of a network", zh: "网段匹配" },
  PREFIX: { en: "how the value begins", zh: "前缀匹配" },
};
