/**
 * mathjs from its one file: from its thousand modules it takes half a second longer to load.
 *
 * @module
 */

import type { ConfigOptions, MathJsInstance } from "mathjs";
import file from "mathjs/browser";

/** mathjs with everything in it. */
export function mathjs(config: ConfigOptions): MathJsInstance {
  const { create }: { readonly create: (config: ConfigOptions) => MathJsInstance } = file;
  return create(config);
}
