/// <reference lib="dom" />
/**
 * Light or dark: as the system is, until a person chooses.
 *
 * @module
 */

/** Lets a button switch between light and dark, and keeps the choice where the browser allows it. */
export function theme(button: HTMLElement): void {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset["theme"] ?? (system.matches ? "dark" : "light")) === "dark";
  const label = () => button.textContent = isDark() ? "Light" : "Dark";
  button.addEventListener("click", () => {
    root.dataset["theme"] = isDark() ? "light" : "dark";
    try {
      localStorage.setItem("theme", root.dataset["theme"]);
    } catch { /* The choice lasts as long as the page. */ }
    label();
  });
  label();
}

/** What was chosen before, or `null`. */
export function keptTheme(): string | null {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null;
  }
}
