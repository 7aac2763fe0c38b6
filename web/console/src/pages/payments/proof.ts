// Checking a proof of the evidence here, by the browser's own cryptography: SHA-256 and Ed25519 of WebCrypto,
// inclusion by RFC 9162 section 2.1.3.2 (as RFC 6962), checkpoint and key by C2SP (tlog-checkpoint, signed-note).

/** A proof as the API gives it, and as `anfu evidence verify --bundle` takes it. */
export interface Bundle {
  format: string;
  v: number;
  leaf: string;
  index: number;
  proof: string[];
  checkpoint: string;
  key: string;
}

/** What the log says, once it is known to say it. */
export interface Leaf {
  kind: string;
  subject: string;
  at: string;
  body: unknown;
}

/** `failed` is the first check that did, by the numbers of `anfu evidence verify`; 0 when none. */
export interface Verdict {
  failed: number;
  leaf?: Leaf;
  size?: number;
}

type Bytes = Uint8Array<ArrayBuffer>;

const FORMAT = "anfu-evidence-bundle";
const ED25519 = 1;
const ID = 4;
const utf8 = (text: string): Bytes => new TextEncoder().encode(text) as Bytes;

class Failed extends Error {
  constructor(readonly check: number) {
    super(`check ${check}`);
  }
}

/** `trusted` are the vkeys a checkpoint may be signed by. */
export async function verify(bundle: Bundle, trusted: readonly string[]): Promise<Verdict> {
  try {
    return await checked(bundle, trusted);
  } catch (error) {
    if (error instanceof Failed) return { failed: error.check };
    throw error;
  }
}

async function checked(bundle: Bundle, trusted: readonly string[]): Promise<Verdict> {
  // 1. The document is a bundle of version 1.
  must(bundle.format === FORMAT && bundle.v === 1 && Number.isSafeInteger(bundle.index), 1);
  // 2. It was made with a key that is trusted here.
  must(trusted.includes(bundle.key), 2);
  const key = keyOf(bundle.key);
  // 3. The checkpoint is a signed note. 4. That key has signed it.
  const head = headOf(bundle.checkpoint);
  must(head.origin === key.name && (await signed(head, key)), 4);
  // 5. The log it covers has a record of that number. 6. And that record is this one.
  must(bundle.index >= 0 && bundle.index < head.size, 5);
  must(same(await rootOf(bundle, head.size), head.root), 6);
  // 7. It is a well-formed leaf.
  return { failed: 0, leaf: leafOf(bundle.leaf), size: head.size };
}

interface Key {
  name: string;
  id: Bytes;
  public: Bytes;
}

function keyOf(vkey: string): Key {
  const [name, id, ...rest] = vkey.split("+");
  const bytes = fromBase64(rest.join("+"), 2);
  must(/^[0-9a-f]{8}$/.test(id ?? "") && bytes[0] === ED25519 && bytes.length === 33, 2);
  return { name, id: Uint8Array.from(id.match(/../g) ?? [], (hex) => Number.parseInt(hex, 16)), public: bytes.slice(1) };
}

interface Head {
  text: string;
  origin: string;
  size: number;
  root: Bytes;
  signatures: string[];
}

function headOf(note: string): Head {
  const end = note.lastIndexOf("\n\n");
  must(end > 0 && note.endsWith("\n"), 3);
  const [origin, size, root] = note.slice(0, end).split("\n");
  must(/^(0|[1-9]\d{0,15})$/.test(size ?? "") && origin !== "", 3);
  const hash = fromBase64(root ?? "", 3);
  must(hash.length === 32, 3);
  const lines = note.slice(end + 2, -1).split("\n");
  return { text: note.slice(0, end + 1), origin, size: Number(size), root: hash, signatures: lines };
}

/** Whether there is a signature line of that key, and every one of it is over the text above. */
async function signed(head: Head, key: Key): Promise<boolean> {
  const own = await crypto.subtle.importKey("raw", key.public, "Ed25519", false, ["verify"]);
  const found = head.signatures
    .map((line) => line.split(" "))
    .filter(([dash, name]) => dash === "—" && name === key.name)
    .map(([, , encoded]) => fromBase64(encoded ?? "", 3))
    .filter((bytes) => same(bytes.slice(0, ID), key.id));
  const good = found.map((bytes) => crypto.subtle.verify("Ed25519", own, bytes.slice(ID), utf8(head.text)));
  return found.length > 0 && (await Promise.all(good)).every((one) => one);
}

/** The root that follows from the leaf and the path beside it. */
async function rootOf({ leaf, index, proof }: Bundle, size: number): Promise<Bytes> {
  let at = index;
  let last = size - 1;
  let hash = await sha256(0, utf8(leaf));
  for (const encoded of proof) {
    must(last > 0, 6);
    const node = fromBase64(encoded, 6);
    must(node.length === 32, 6);
    if (at % 2 === 1 || at === last) {
      hash = await sha256(1, node, hash);
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      hash = await sha256(1, hash, node);
    }
    [at, last] = [half(at), half(last)];
  }
  must(last === 0, 6);
  return hash;
}

// Not `>> 1`: that would cut a number of the log to 32 bits.
const half = (number: number): number => Math.floor(number / 2);

async function sha256(first: number, ...parts: Bytes[]): Promise<Bytes> {
  const whole = new Blob([Uint8Array.of(first), ...parts]);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", await whole.arrayBuffer()));
}

function leafOf(text: string): Leaf {
  try {
    const { kind, subject, at, body, v } = JSON.parse(text);
    must(v === 1 && [kind, subject, at].every((part) => typeof part === "string"), 7);
    return { kind, subject, at, body };
  } catch {
    throw new Failed(7);
  }
}

function fromBase64(text: string, check: number): Bytes {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    throw new Failed(check);
  }
}

function same(one: Bytes, other: Bytes): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

function must(holds: boolean, check: number): asserts holds {
  if (!holds) throw new Failed(check);
}
