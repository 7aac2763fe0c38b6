// What a page counts goes by the server's clock: that of the machine it is on may be wrong.

let ahead = 0;

/** The server said it was `now` when the local clock said `heard` (ms). */
export function setClock(now: string, heard: number): void {
  ahead = Date.parse(now) - heard;
}

/** The server's clock, in milliseconds. */
export function clockNow(): number {
  return Date.now() + ahead;
}
