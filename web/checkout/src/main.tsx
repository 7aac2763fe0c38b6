// The payer's pages: one app, an address each.

import { createRoot } from "react-dom/client";
import "./style/base.css";
import "./style/parts.css";
import "./style/pages.css";
import { language } from "./app/language";
import { Agree } from "./pages/Agree";
import { Broken } from "./pages/Broken";
import { Confirm } from "./pages/Confirm";
import { Mandates } from "./pages/Mandates";
import { Pay } from "./pages/Pay";
import { Scan } from "./pages/Scan";
import { Setup } from "./pages/Setup";
import { Shelf } from "./pages/Shelf";
import { Show } from "./pages/Show";
import { Till } from "./pages/Till";
import { keyOf } from "./app/checkout";

function page() {
  const [first, second, third] = location.pathname.split("/").slice(1);
  const rest = location.hash.slice(1);
  if (first === "pay" && second) {
    const key = keyOf(second, rest);
    if (key === null) return <Broken />;
    return third === "code" ? <Till id={second} pageKey={key} /> : <Pay id={second} pageKey={key} />;
  }
  if (first === "code" && second)
    return third === "show" ? <Shelf code={second} /> : <Scan code={second} />;
  if (rest === "") return <Broken />;
  if (second === "confirm") return <Confirm ticket={rest} />;
  if (second === "setup") return <Setup ticket={rest} />;
  if (second === "agree") return <Agree ticket={rest} />;
  if (second === "show") return <Show ticket={rest} />;
  if (second === "mandates") return <Mandates ticket={rest} />;
  return <Broken />;
}

document.documentElement.lang = language();
// Another ticket in the same window, or the window as it was before: nothing shown is kept.
addEventListener("hashchange", () => location.reload());
addEventListener("pageshow", (event) => event.persisted && location.reload());
createRoot(document.getElementById("root") as HTMLElement).render(page());
