// Whether a program drives the browser, and whether its own functions are still its own.

const DRIVEN = [
  "__playwright", "__pw_manual", "__pwInitScripts", "__puppeteer_evaluation_script__",
  "__selenium_unwrapped", "__webdriver_evaluate", "__driver_evaluate", "__fxdriver_evaluate",
  "__nightmare", "_phantom", "callPhantom", "domAutomation", "domAutomationController",
  "_Selenium_IDE_Recorder", "__webdriver_script_fn",
];

/** Names found in the window or the document that only drivers leave there. */
export function automation(): string[] {
  const found = DRIVEN.filter((name) => name in window || name in document);
  const marks = /^(\$?cdc_|\$chrome_asyncScriptInfo|__playwright)/;
  for (const place of [window, document])
    found.push(...Object.getOwnPropertyNames(place).filter((name) => marks.test(name)));
  return [...new Set(found)].map((name) => name.slice(0, 64)).slice(0, 32);
}

/** Functions that are not native any more. */
export function altered(): string[] {
  const watched: [string, unknown][] = [
    ["toDataURL", HTMLCanvasElement.prototype.toDataURL],
    ["getImageData", CanvasRenderingContext2D.prototype.getImageData],
    ["getParameter", WebGLRenderingContext.prototype.getParameter],
    ["resolvedOptions", Intl.DateTimeFormat.prototype.resolvedOptions],
    ["getTimezoneOffset", Date.prototype.getTimezoneOffset],
    ["webdriver", getter(Navigator.prototype, "webdriver")],
    ["userAgent", getter(Navigator.prototype, "userAgent")],
    ["toString", Function.prototype.toString],
  ];
  const text = Function.prototype.toString;
  const native = (made: unknown) =>
    typeof made === "function" && /\{\s*\[native code\]\s*\}/.test(text.call(made));
  const own = Object.getOwnPropertyNames(navigator);
  return [...watched.filter(([, made]) => !native(made)).map(([name]) => name), ...own]
    .map((name) => name.slice(0, 64))
    .slice(0, 32);
}

/** A docked panel takes from the window what no frame of a browser takes. Telephones zoom. */
export function developerTools(): boolean {
  if (navigator.maxTouchPoints > 0 || window.top !== window) return false;
  const zoom = devicePixelRatio / Math.max(1, Math.round(devicePixelRatio));
  return outerWidth > 0 && outerWidth - innerWidth * zoom > 300;
}

function getter(prototype: object, name: string): unknown {
  return Object.getOwnPropertyDescriptor(prototype, name)?.get;
}
