// The words of a condition. What follows them is left to the API, which has the whole language.

export interface Token {
  kind: "name" | "number" | "text" | "sign";
  /** In capitals for names, so that key words compare; a text without its quotes. */
  word: string;
  start: number;
  end: number;
}

const FORMS = /\s+|([A-Za-z_]\w*)|(\d+(?:\.\d+)?)|'((?:[^']|'')*)'|(<>|!=|<=|>=|[-=<>+*/%(),])/gy;

/** The tokens of a text; null where something is no word of the language. */
export function tokensOf(text: string): Token[] | null {
  const found: Token[] = [];
  FORMS.lastIndex = 0;
  while (FORMS.lastIndex < text.length) {
    const start = FORMS.lastIndex;
    const match = FORMS.exec(text);
    if (match === null) return null;
    const [, name, number, quoted, sign] = match;
    const at = { start, end: FORMS.lastIndex };
    if (name !== undefined) found.push({ kind: "name", word: name.toUpperCase(), ...at });
    else if (number !== undefined) found.push({ kind: "number", word: number, ...at });
    else if (quoted !== undefined) found.push({ kind: "text", word: quoted.replaceAll("''", "'"), ...at });
    else if (sign !== undefined) found.push({ kind: "sign", word: sign, ...at });
  }
  return found;
}
