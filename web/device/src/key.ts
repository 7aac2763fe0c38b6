// The device's key: made once, kept in IndexedDB as a handle, and never to be exported. What is
// copied out of the browser (cookies, storage files) does not carry it.

const DATABASE = "anfu-device";
const STORE = "keys";
const NAME = "device";
const CURVE = { name: "ECDSA", namedCurve: "P-256" } as const;

function request<T>(wish: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    wish.onsuccess = () => resolve(wish.result);
    wish.onerror = () => reject(wish.error);
  });
}

async function open(): Promise<IDBDatabase> {
  const wish = indexedDB.open(DATABASE, 1);
  wish.onupgradeneeded = () => wish.result.createObjectStore(STORE);
  return request(wish);
}

/** The key pair of this browser, made on first use. Of two pages that start at once both get one. */
export async function deviceKey(): Promise<CryptoKeyPair> {
  const database = await open();
  try {
    const read = database.transaction(STORE).objectStore(STORE);
    const known = await request<CryptoKeyPair | undefined>(read.get(NAME));
    if (known) return known;
    const made = await crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
    // add() and not put(): whoever comes second is refused, and reads what the first has written.
    const write = database.transaction(STORE, "readwrite").objectStore(STORE);
    try {
      await request(write.add(made, NAME));
      return made;
    } catch {
      const again = database.transaction(STORE).objectStore(STORE);
      return await request<CryptoKeyPair>(again.get(NAME));
    }
  } finally {
    database.close();
  }
}

/** The uncompressed point of the public key (SEC 1 section 2.3.3), as base64url. */
export async function publicPoint(key: CryptoKeyPair): Promise<string> {
  return base64url(await crypto.subtle.exportKey("raw", key.publicKey));
}

/** ECDSA with SHA-256 over the text's UTF-8: r and s, 32 bytes each, as base64url. */
export async function sign(key: CryptoKeyPair, text: string): Promise<string> {
  const how = { name: "ECDSA", hash: "SHA-256" };
  return base64url(await crypto.subtle.sign(how, key.privateKey, new TextEncoder().encode(text)));
}

function base64url(bytes: ArrayBuffer): string {
  const text = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}
