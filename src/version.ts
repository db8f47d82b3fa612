/**
 * The version of the suite: that of the package.
 *
 * @module
 */

import config from "../deno.json" with { type: "json" };

/** As `ulaspec version` prints it. */
export const version: string = config.version;
