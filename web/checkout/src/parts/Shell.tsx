// What stands around every page: whose it is, and the language.

import type { ReactNode } from "react";
import { choose, language, useWords } from "../app/language";

export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" className="mark-ground" />
      <path d="M16 6l8 3v6c0 5-3.4 8.6-8 11-4.6-2.4-8-6-8-11V9z" className="mark-line" />
      <path d="M12 16l3 3 5.5-6" className="mark-line" />
    </svg>
  );
}

export function Shell({ children, wide = false }: { children: ReactNode; wide?: boolean }) {
  const words = useWords();
  const next = language() === "en" ? "zh-CN" : "en";
  return (
    <div className={wide ? "shell wide" : "shell"}>
      <header>
        <Mark />
        <span className="brand">{words.brand}</span>
        <button type="button" className="quiet" lang={next} onClick={() => choose(next)}>
          {words.other}
        </button>
      </header>
      <main>{children}</main>
      <footer>{words.privacy}</footer>
    </div>
  );
}
