// What a person has chosen for this browser: language, time zone, light or dark.

import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";

export type Language = "zh" | "en";
export type Theme = "system" | "light" | "dark";

export interface Preferences {
  language: Language;
  zone: string;
  theme: Theme;
}

interface Chosen extends Preferences {
  /** Whether dark colours are shown now. */
  dark: boolean;
  choose: (change: Partial<Preferences>) => void;
}

const PLACE = "anfu.console.preferences";
const DARK = "(prefers-color-scheme: dark)";

function first(): Preferences {
  const language: Language = navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
  const chosen: Preferences = { language, zone: "Asia/Shanghai", theme: "system" };
  try {
    return { ...chosen, ...JSON.parse(localStorage.getItem(PLACE) ?? "{}") };
  } catch {
    return chosen;
  }
}

let current = first();

/** The language now, for what is not drawn: the headers of requests. */
export const language = (): Language => current.language;

const Context = createContext<Chosen | null>(null);

export function PreferencesProvider({ children }: { children: ReactNode }) {
  const [kept, keep] = useState(current);
  const system = useSystemDark();
  const dark = kept.theme === "dark" || (kept.theme === "system" && system);
  useEffect(() => {
    document.documentElement.lang = kept.language === "zh" ? "zh-CN" : "en";
    document.documentElement.style.colorScheme = dark ? "dark" : "light";
  }, [kept.language, dark]);
  const value = useMemo<Chosen>(() => {
    const choose = (change: Partial<Preferences>) => {
      current = { ...current, ...change };
      localStorage.setItem(PLACE, JSON.stringify(current));
      keep(current);
    };
    return { ...kept, dark, choose };
  }, [kept, dark]);
  return <Context value={value}>{children}</Context>;
}

export function usePreferences(): Chosen {
  const chosen = useContext(Context);
  if (chosen === null) throw new Error("usePreferences outside PreferencesProvider");
  return chosen;
}

function useSystemDark(): boolean {
  const [dark, setDark] = useState(() => matchMedia(DARK).matches);
  useEffect(() => {
    const asked = matchMedia(DARK);
    const changed = () => setDark(asked.matches);
    asked.addEventListener("change", changed);
    return () => asked.removeEventListener("change", changed);
  }, []);
  return dark;
}
