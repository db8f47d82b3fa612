/**
 * How a person names a module of their own: its path, and the export behind `#`.
 *
 * @module
 */

/** Whether a specifier names a module of a person's own. */
export function isModule(specifier: string): boolean {
  return /^file:|[/\\]|\.[cm]?[jt]sx?(#|$)/.test(specifier);
}

/** The two parts of a specifier of a module: its path, and the export behind `#`, if there is one. */
export function partsOf(
  specifier: string,
): { readonly path: string; readonly exportName: string | null } {
  const hash = specifier.indexOf("#");
  return hash < 0
    ? { path: specifier, exportName: null }
    : { path: specifier.slice(0, hash), exportName: specifier.slice(hash + 1) };
}
