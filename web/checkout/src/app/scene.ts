// Where the payer goes on at a network: a telephone opens its app, a computer its page or a code.

const onPhone = (): boolean =>
  matchMedia("(pointer: coarse)").matches || /Mobi|Android|iPhone/.test(navigator.userAgent);

export const sceneOf = (): "H5" | "PAGE" => (onPhone() ? "H5" : "PAGE");

/** Addresses that lead to a network's page or app, and nothing that would run here. */
export const isSafe = (url: string): boolean =>
  /^(https?|weixin|alipays|alipay|uppaywallet|upwallet):/i.test(url);
