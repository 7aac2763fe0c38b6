// The page's side of a device session: collects, signs, and hands back what the server verifies.
// It calls nobody: the page's own back end relays `payload` and `signature` unchanged.

import { Thumbmark } from "@thumbmarkjs/thumbmarkjs";

import { graphics } from "./graphics";
import { altered, automation, developerTools } from "./integrity";
import { deviceKey, publicPoint, sign } from "./key";
import { Interaction } from "./timing";

const COOKIE = "anfu_device";
const YEAR_S = 31_536_000;
const interaction = new Interaction();

export interface SignedProfile {
  payload: string;
  signature: string;
}

/** The profile that answers `nonce`; `hints` are codes of an app around the page (ROOTED,
 * EMULATOR, REMOTE_CONTROL). Rejects where the browser keeps no key (no secure context). */
export async function profile(nonce: string, hints: string[] = []): Promise<SignedProfile> {
  const key = await deviceKey();
  const drawn = graphics();
  const payload = JSON.stringify({
    v: 1,
    nonce,
    key: await publicPoint(key),
    device: cookie(),
    traits: await traits(drawn.renderer),
    seen: { ...seen(), graphics: drawn, timing: interaction.read(), hints },
  });
  return { payload, signature: await sign(key, payload) };
}

/** Keep the device the server answered with: a cookie that is worth nothing without the key. */
export function remember(device: string): void {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  const value = encodeURIComponent(device);
  document.cookie = `${COOKIE}=${value}; Max-Age=${YEAR_S}; Path=/; SameSite=Strict${secure}`;
}

function cookie(): string | null {
  const found = document.cookie.match(new RegExp(`(?:^|; )${COOKIE}=([^;]{1,64})`));
  return found ? decodeURIComponent(found[1]).slice(0, 64) : null;
}

// The library measures fonts in an invisible, empty frame that is on the page for a moment: nothing
// to be read out or walked to. Frames of the page itself, which have a document, are left alone.
function hidingFrames(): MutationObserver {
  const watch = new MutationObserver((changes) => {
    for (const node of changes.flatMap((change) => [...change.addedNodes])) {
      if (!(node instanceof HTMLIFrameElement && node.src === "about:blank" && node.style.opacity === "0")) continue;
      node.setAttribute("aria-hidden", "true");
      node.tabIndex = -1;
    }
  });
  watch.observe(document.documentElement, { childList: true, subtree: true });
  return watch;
}

async function traits(renderer: string): Promise<Record<string, string>> {
  // No key is set and nothing is logged: the library computes and asks nobody.
  const mark = new Thumbmark({ logging: false });
  const watch = hidingFrames();
  const parts = (await mark.get().finally(() => watch.disconnect())).components as Record<string, unknown>;
  const found: Record<string, unknown> = {
    canvas: parts.canvas,
    webgl: renderer,
    audio: parts.audio,
    screen: [screen.width, screen.height, devicePixelRatio].join("x"),
    pixels: screen.colorDepth,
    cores: navigator.hardwareConcurrency,
    memory: (navigator as { deviceMemory?: number }).deviceMemory,
    platform: navigator.platform,
    engine: "chrome" in window ? "blink" : "MozAppearance" in document.body.style ? "gecko" : "webkit",
    touch: navigator.maxTouchPoints,
    languages: navigator.languages.join(","),
    time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    plugins: parts.plugins,
  };
  // Telephones of one model have the same fonts and voices: they would only make two look like one.
  if (!navigator.maxTouchPoints) Object.assign(found, { fonts: parts.fonts, voices: parts.speech });
  const known = Object.entries(found).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(
    await Promise.all(known.map(async ([name, value]) => [name, await digest(value)])),
  );
}

function seen() {
  const brands = (navigator as { userAgentData?: { brands: { brand: string }[] } }).userAgentData;
  return {
    user_agent: navigator.userAgent.slice(0, 512),
    platform: navigator.platform.slice(0, 64),
    language: navigator.language,
    languages: navigator.languages.slice(0, 32),
    time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone ?? "",
    offset_min: -new Date().getTimezoneOffset(),
    webdriver: navigator.webdriver === true,
    automation: automation(),
    altered: altered(),
    developer_tools: developerTools(),
    touch_points: navigator.maxTouchPoints,
    outer_width: outerWidth,
    outer_height: outerHeight,
    screen_width: screen.width,
    screen_height: screen.height,
    plugins: navigator.plugins.length,
    brands: (brands?.brands ?? []).map((each) => each.brand.slice(0, 64)).slice(0, 32),
  };
}

async function digest(value: unknown): Promise<string> {
  const bytes = new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...hash.slice(0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
