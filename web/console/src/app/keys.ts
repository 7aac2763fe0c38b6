// Keys of the keyboard that a page listens to, and the list of them that `?` shows.

import { useEffect, useRef, useSyncExternalStore } from "react";

export interface Shortcut {
  key: string;
  what: string;
}

let listed: readonly Shortcut[] = [];
const listeners = new Set<() => void>();

function change(next: readonly Shortcut[]): void {
  listed = next;
  for (const tell of listeners) tell();
}

/** What the keys of the present page do. */
export function useShortcuts(): readonly Shortcut[] {
  return useSyncExternalStore(
    (tell) => {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
    () => listed,
  );
}

/** Do something when a key is pressed outside fields; `what` names it in the help. */
export function useKey(key: string, act: () => void, what?: string, enabled = true): void {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    if (!enabled) return undefined;
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== key || event.ctrlKey || event.metaKey || event.altKey) return;
      if (inField(event.target)) return;
      event.preventDefault();
      latest.current();
    };
    const shortcut = what === undefined ? undefined : { key, what };
    if (shortcut !== undefined) change([...listed, shortcut]);
    window.addEventListener("keydown", pressed);
    return () => {
      window.removeEventListener("keydown", pressed);
      change(listed.filter((one) => one !== shortcut));
    };
  }, [key, what, enabled]);
}

function inField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input:not([type=radio], [type=checkbox]), textarea, select"))
  );
}
