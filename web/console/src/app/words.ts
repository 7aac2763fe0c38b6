// The words of a page stand beside it, each in both languages.

import { useMemo } from "react";
import { type Language, usePreferences } from "./preferences";

type Said = string | ((...values: never[]) => unknown);
export type Words = Record<string, { en: Said; zh: Said }>;
type Of<S> = S extends string ? string : S;
export type Spoken<W extends Words> = { [K in keyof W]: Of<W[K]["en"]> };

/** The words in one language. */
export function speak<W extends Words>(words: W, language: Language): Spoken<W> {
  return Object.fromEntries(
    Object.entries(words).map(([name, said]) => [name, said[language]]),
  ) as Spoken<W>;
}

/** The words in the language that is chosen. `words` must be a constant of its module. */
export function useWords<W extends Words>(words: W): Spoken<W> {
  const { language } = usePreferences();
  return useMemo(() => speak(words, language), [words, language]);
}

/** A text that the API gives in both languages, as `title` and `title_zh` or `en` and `zh`. */
export function useSay(): (en: string | null | undefined, zh: string | null | undefined) => string {
  const { language } = usePreferences();
  return (en, zh) => (language === "zh" ? (zh ?? en) : (en ?? zh)) ?? "";
}
