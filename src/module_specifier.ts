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
  // A `#` before the last slash, or before the ending of a module, belongs to a name of a file.
  const hash = specifier.lastIndexOf("#");
  const exportName = specifier.slice(hash + 1);
  return hash < 0 || /[/\\]|\.[cm]?[jt]sx?$/.test(exportName)
    ? { path: specifier, exportName: null }
    : { path: specifier.slice(0, hash), exportName };
}
