/**
 * The little that the page does by itself: copying a command, opening and closing the groups of
 * clauses, and printing all of them. Everything can be read without it.
 *
 * @module
 */

/** The script of the page. Without the characters that XML would need escaped. */
export const script = `
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    const said = document.getElementById("said");
    try {
      await navigator.clipboard.writeText(source.textContent);
      said.textContent = "Copied";
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; said.textContent = ""; }, 1600);
    } catch {
      getSelection().selectAllChildren(source);
      said.textContent = "Selected: copy it with the keyboard";
    }
  });
}
const groups = document.querySelectorAll("details");
const all = document.getElementById("open-all");
if (all) {
  all.hidden = false;
  all.addEventListener("click", () => {
    const open = all.getAttribute("aria-pressed") !== "true";
    for (const group of groups) group.open = open;
    all.setAttribute("aria-pressed", String(open));
    all.textContent = open ? "Close all groups" : "Open all groups";
  });
}
addEventListener("beforeprint", () => { for (const group of groups) group.open = true; });
addEventListener("hashchange", show);
function show() {
  const target = location.hash.length === 0 ? null : document.getElementById(location.hash.slice(1));
  const group = target ? target.closest("details") : null;
  if (group) { group.open = true; target.scrollIntoView(); }
}
show();
`;

/** The name of the script for the page's content security policy; a test computes it anew. */
export const scriptHash = "sha256-T9NeGtX1J6GwodQih3WE36cfuT9rjZs70Pc02RRGVDM=";
