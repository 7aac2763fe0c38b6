// The language of the page: the browser's, until the payer says otherwise.

import { useSyncExternalStore } from "react";
import { en } from "./english";
import { recall, remember } from "./memory";
import { type Words, zh } from "./chinese";

export type Language = "zh-CN" | "en";
const PLACE = "anfu-language";
const listeners = new Set<() => void>();

let chosen: Language = first();

function first(): Language {
  const known = recall(PLACE);
  if (known === "zh-CN" || known === "en") return known;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}

export const language = (): Language => chosen;
export const words = (): Words => (chosen === "en" ? en : zh);

export function choose(next: Language): void {
  chosen = next;
  document.documentElement.lang = next;
  remember(PLACE, next);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The words of the page, in the language that is chosen. */
export function useWords(): Words {
  return useSyncExternalStore(subscribe, language) === "en" ? en : zh;
}
