/**
 * Colours by meaning, light and dark, and how everything that is drawn looks.
 *
 * Blue and vermilion are those of Okabe and Ito, which people with any kind of colour vision can
 * tell apart; every text has a contrast of at least 4.5 to its ground.
 *
 * @module
 */

/** Colours on a light ground. */
export const light: string = `
--paper:#fdfdfb;--raised:#fff;--sunk:#f4f4f0;--ink:#1d2126;--soft:#59616b;--line:#e2e2dc;
--strong:#8b9097;--expected:#0068a8;--actual:#b84a00;--holds:#00704f;--caution:#8a6400;
--band:#b98a00;--shade:#35506a;--deep:#35506a;--peak:#fff;--depth:.05;`;

/** The same colours on a dark ground. */
export const dark: string = `
--paper:#14171a;--raised:#1a1e22;--sunk:#1f2429;--ink:#e7e9ec;--soft:#a2abb5;--line:#2d333a;
--strong:#7d8690;--expected:#63b7ea;--actual:#ff9a55;--holds:#4cc39a;--caution:#e5b93c;
--band:#e5b93c;--shade:#9dbcd8;--deep:#000;--peak:#414d59;--depth:.13;`;

/** The families of type. */
export const type: string = `
--sans:Inter,ui-sans-serif,system-ui,-apple-system,"Segoe UI","Noto Sans","Liberation Sans",sans-serif;
--serif:"Iowan Old Style","Palatino Linotype",Palatino,"Source Serif 4","Noto Serif","Liberation Serif",Georgia,serif;
--mono:ui-monospace,"SF Mono","Cascadia Code","JetBrains Mono","DejaVu Sans Mono","Liberation Mono",monospace;`;

/** The style sheet of plots, on top of the colours. */
export const plotStyle: string = `
svg text{font:11.5px var(--sans);fill:var(--soft);font-variant-numeric:tabular-nums}
svg .name{font-style:italic}
svg .head{font-size:13px;font-weight:600;fill:var(--ink)}
svg .value{font-weight:600;font-size:12px}
svg .label{paint-order:stroke;stroke:var(--raised);stroke-width:4px;stroke-linejoin:round}
text.expected{fill:var(--expected)}
text.actual{fill:var(--actual)}
.grid{stroke:var(--line)}
.zero{stroke:var(--strong)}
.tick{fill:none;stroke:var(--strong);stroke-opacity:.65}
.line{fill:none;stroke-width:2;stroke-linejoin:round}
.line.energy{stroke:var(--shade);stroke-width:1.7}
.line.plain{stroke:var(--shade)}
.line.expected{stroke:var(--expected)}
.line.actual{stroke:var(--actual);stroke-dasharray:5 3}
.line.guide{stroke:var(--strong);stroke-width:1.5;stroke-dasharray:3 3}
.line.faint{stroke-width:1.2;stroke-opacity:.6}
.tip.expected{fill:var(--expected)}
.tip.actual{fill:var(--actual)}
.tip.guide{fill:var(--strong)}
.mark.from{fill:var(--ink)}
.mark.plain{fill:var(--shade)}
.mark.expected{fill:var(--expected);stroke:var(--raised)}
.mark.actual{fill:var(--raised);stroke:var(--actual);stroke-width:1.9}
.mark.found{fill:none;stroke:var(--actual);stroke-width:1.4}
.mark.past{stroke-width:1.2;opacity:.8}
.ground{fill:var(--peak)}
.contour{fill:var(--deep);fill-opacity:var(--depth);stroke:var(--shade);stroke-opacity:.26;stroke-width:.8;fill-rule:evenodd}
.outside{fill:var(--sunk);fill-opacity:.85;fill-rule:evenodd}
.wall{fill:none;stroke:var(--strong);stroke-width:1.2}
.band{fill:var(--band);fill-opacity:.13;stroke:var(--band);stroke-opacity:.75;stroke-dasharray:2.5 2.5}
.bar{fill:var(--actual);fill-opacity:.28}
.margin{fill:var(--expected);fill-opacity:.1}
.under{fill:var(--expected);opacity:.14}
`;
