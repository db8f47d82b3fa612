/**
 * The settings of a sampler as JSON carries them, in reports and on the wire.
 *
 * @module
 */

export { type Json, type SettingsText, settingsText } from "../spec/settings_json.ts";
