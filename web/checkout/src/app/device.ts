// The device SDK, loaded after the page is there: what it signs tells risk which device this is.
// Where it is kept away the payment goes on without, and risk asks for more.

import { address, integrity } from "virtual:device";
import { ask, once } from "./api";
import type { Opened } from "./checkout";

interface Sdk {
  profile: (nonce: string) => Promise<{ payload: string; signature: string }>;
  remember: (device: string) => void;
}

// A payer who is quicker than the SDK does not wait for it longer than this.
const PATIENCE_MS = 1_500;
let signed: Promise<string | null> = Promise.resolve(null);

/** Begin to sign what this device is, when the browser has nothing better to do. */
export function begin(opened: Opened): void {
  const idle = window.requestIdleCallback ?? ((work: () => void) => setTimeout(work, 200));
  signed = new Promise((resolve) => {
    idle(() => void sign(opened).then(resolve, () => resolve(null)));
  });
}

/** The device session, or null where there is none in time. */
export function session(): Promise<string | null> {
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), PATIENCE_MS));
  return Promise.race([signed, late]);
}

async function sign(opened: Opened): Promise<string | null> {
  const sdk = await load();
  const visit = await ask("/v1/checkout/device", { ...opened, once: once() });
  if (visit.nonce === null) return null;
  const profile = await sdk.profile(visit.nonce);
  const known = await ask("/v1/checkout/profile", {
    ...opened, once: once(), session: visit.session, ...profile,
  });
  if (known.device !== null) sdk.remember(known.device);
  return visit.session;
}

function load(): Promise<Sdk> {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.integrity = integrity;
    script.onload = () => resolve((window as unknown as { AnfuDevice: Sdk }).AnfuDevice);
    script.onerror = () => reject(new Error("kept away"));
    document.head.append(script);
  });
}
