/**
 * Colours and type of the site and of the playground: those of the reports.
 *
 * @module
 */

import { dark, light, type } from "../../src/report/plot/colours.ts";

/** A style sheet with the colours as variables, and what every page begins with. */
export const palette: string = `
:root { color-scheme: light dark; ${light}${type} }
@media (prefers-color-scheme: dark) { :root:not([data-theme="light"]) { ${dark} } }
:root[data-theme="light"] { color-scheme: light; }
:root[data-theme="dark"] { color-scheme: dark; ${dark} }
*,
::before,
::after {
  box-sizing: border-box;
}
html {
  text-size-adjust: 100%;
  -webkit-text-size-adjust: 100%;
}
body {
  margin: 0;
  background: var(--paper);
  color: var(--ink);
  font: 1rem/1.6 var(--sans);
  overflow-wrap: break-word;
}
a {
  color: var(--expected);
  text-underline-offset: 0.18em;
  text-decoration-thickness: 0.06em;
}
:focus-visible {
  outline: 2px solid var(--expected);
  outline-offset: 2px;
  border-radius: 3px;
}
.skip {
  position: absolute;
  left: -999rem;
}
.skip:focus {
  left: 1rem;
  top: 0.5rem;
  background: var(--raised);
  padding: 0.3rem 0.8rem;
  z-index: 9;
}
.unseen {
  position: absolute;
  width: 1px;
  height: 1px;
  margin: -1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}
@media (prefers-reduced-motion: reduce) {
  *,
  ::before,
  ::after {
    transition: none !important;
    animation: none !important;
    scroll-behavior: auto !important;
  }
}
`;
