/**
 * Schemas of what reports and the wire have in common: floats and the settings of a sampler.
 *
 * @module
 */

export { float, object, settings, wantedNumber } from "../spec/settings_json.ts";
