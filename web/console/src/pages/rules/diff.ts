// What one text says otherwise than another, word by word.

export interface Piece {
  text: string;
  change: "same" | "gone" | "new";
}

const WORDS = /\w+(?:\.\d+)?|'[^']*'|\s+|[^\s\w']+|'/g;

/** The pieces of both texts in order, by a longest common subsequence of words. */
export function diffOf(before: string, after: string): Piece[] {
  const [a, b] = [before.match(WORDS) ?? [], after.match(WORDS) ?? []];
  const shared = lengths(a, b);
  const pieces: Piece[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      add(pieces, a[i], "same");
      i++;
      j++;
    } else if (j === b.length || (i < a.length && shared[i + 1][j] >= shared[i][j + 1])) add(pieces, a[i++], "gone");
    else add(pieces, b[j++], "new");
  }
  return pieces;
}

/** Of the rest of both texts from each place on, how many words are shared. */
function lengths(a: string[], b: string[]): number[][] {
  const shared = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      shared[i][j] = a[i] === b[j] ? shared[i + 1][j + 1] + 1 : Math.max(shared[i + 1][j], shared[i][j + 1]);
  return shared;
}

function add(pieces: Piece[], text: string, change: Piece["change"]): void {
  const last = pieces[pieces.length - 1];
  if (last?.change === change) last.text += text;
  else pieces.push({ text, change });
}
