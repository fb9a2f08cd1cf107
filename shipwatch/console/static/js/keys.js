// Keys: single letters act anywhere but in fields and dialogs, and can be switched off (WCAG 2.1.4).
import { byId } from "./elements.js";

const STORED = "shipwatch-single-keys";

export class Keys {
  constructor(actions) {
    this.actions = actions; // key -> function
    let stored = null;
    try { stored = localStorage.getItem(STORED); } catch (refused) { stored = null; }
    this.on = stored !== "off";
    const box = byId("single-keys");
    box.checked = this.on;
    box.addEventListener("change", () => {
      this.on = box.checked;
      try { localStorage.setItem(STORED, this.on ? "on" : "off"); } catch (refused) { /* for this page only, then */ }
      this.say();
    });
    document.addEventListener("keydown", (event) => this.press(event));
    new MutationObserver(() => this.say()).observe(document.body, { childList: true, subtree: true });
    this.say();
  }

  // Says on every control which key does the same, and only while it does.
  say() {
    for (const element of document.querySelectorAll("[data-key]")) {
      const wanted = this.on ? element.dataset.key : null;
      if (element.getAttribute("aria-keyshortcuts") === wanted) continue;
      if (wanted) element.setAttribute("aria-keyshortcuts", wanted);
      else element.removeAttribute("aria-keyshortcuts");
    }
    document.documentElement.dataset.keys = this.on ? "on" : "off";
  }

  press(event) {
    if (!this.on || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.target instanceof Element && event.target.closest("input:not([type=range]):not([type=checkbox]), select, textarea, [contenteditable]")) return;
    const act = this.actions[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }
}
