// Where the payer can go on at a network: a telephone opens its app, a computer shows a code.

type Scene = "H5" | "PAGE" | "DYNAMIC_CODE";

export const onPhone = (): boolean =>
  matchMedia("(pointer: coarse)").matches || /Mobi|Android|iPhone/.test(navigator.userAgent);

/** UnionPay's own page takes bank cards, so a computer goes there. */
export function sceneOf(method: string): Scene {
  if (onPhone()) return "H5";
  return method === "unionpay" ? "PAGE" : "DYNAMIC_CODE";
}

/** Addresses that lead to a network's page or app, and nothing that would run here. */
export const isSafe = (url: string): boolean =>
  /^(https?|weixin|alipays|alipay|uppaywallet|upwallet):/i.test(url);
