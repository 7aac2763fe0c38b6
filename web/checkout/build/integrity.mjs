// Subresource integrity: whatever the page loads bears its digest, and a browser runs or applies
// nothing else (W3C SRI). Written into the page once all files are there.

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const TAG = /<(script|link)\b[^>]*?\b(?:src|href)="\/checkout\/([^"]+)"[^>]*>/g;

/** SHA-384 of the bytes, as the attribute has it. */
export function digestOf(bytes) {
  return `sha384-${createHash("sha384").update(bytes).digest("base64")}`;
}

export function integrity() {
  return {
    name: "anfu-integrity",
    writeBundle({ dir }) {
      const page = join(dir, "index.html");
      const sealed = readFileSync(page, "utf8").replace(TAG, (tag, kind, file) => {
        if (kind === "link" && !/rel="(stylesheet|modulepreload)"/.test(tag)) return tag;
        return tag.replace(/\s*\/?>$/, ` integrity="${digestOf(readFileSync(join(dir, file)))}">`);
      });
      writeFileSync(page, sealed);
    },
  };
}
