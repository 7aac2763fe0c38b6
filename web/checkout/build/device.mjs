// The device SDK as a file of its own, loaded after the page is there: `virtual:device` tells its
// address and digest, so that a browser runs it only as it was built (SRI).

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { digestOf } from "./integrity.mjs";

const NAME = "virtual:device";
const FILE = new URL("../../device/dist/device.js", import.meta.url);

export function device() {
  const source = readFileSync(FILE);
  const short = createHash("sha256").update(source).digest("base64url").slice(0, 8);
  const fileName = `assets/device-${short}.js`;
  return {
    name: "anfu-device",
    resolveId: (id) => (id === NAME ? `\0${NAME}` : undefined),
    load: (id) =>
      id === `\0${NAME}`
        ? `export const address = ${JSON.stringify(`/checkout/${fileName}`)};` +
          `export const integrity = ${JSON.stringify(digestOf(source))};`
        : undefined,
    generateBundle() {
      this.emitFile({ type: "asset", fileName, source });
    },
  };
}
