// How the page is used: gaps between keys and pointer moves. Never which key, never what is typed.

const MOST = 500;

class Gaps {
  private last = 0;
  private gaps: number[] = [];
  count = 0;

  add(at: number): void {
    if (this.count++ && this.gaps.length < MOST) this.gaps.push(at - this.last);
    this.last = at;
  }

  get mean(): number {
    return this.gaps.length ? this.gaps.reduce((a, b) => a + b, 0) / this.gaps.length : 0;
  }

  get deviation(): number {
    const mean = this.mean;
    const squares = this.gaps.map((gap) => (gap - mean) ** 2);
    return squares.length < 2 ? 0 : Math.sqrt(squares.reduce((a, b) => a + b, 0) / squares.length);
  }
}

export class Interaction {
  private keys = new Gaps();
  private moves = new Gaps();
  private clicks = 0;
  private untrusted = 0;
  private start = performance.now();

  /** Listens from now on. */
  constructor() {
    const kinds = ["keydown", "pointermove", "click"] as const;
    for (const kind of kinds) addEventListener(kind, (e) => this.note(e), { passive: true });
  }

  private note(event: Event): void {
    if (!event.isTrusted) this.untrusted++;
    if (event.type === "keydown") this.keys.add(event.timeStamp);
    else if (event.type === "pointermove") this.moves.add(event.timeStamp);
    else this.clicks++;
  }

  /** What was seen until now; times in milliseconds. */
  read() {
    return {
      dwell_ms: round(performance.now() - this.start),
      keys: this.keys.count,
      moves: this.moves.count,
      clicks: this.clicks,
      untrusted: this.untrusted,
      key_gap_ms: round(this.keys.mean),
      key_gap_std_ms: round(this.keys.deviation),
      move_gap_std_ms: round(this.moves.deviation),
    };
  }
}

function round(value: number): number {
  return Math.round(Math.max(0, value) * 10) / 10;
}
