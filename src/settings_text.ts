/**
 * Floats and the settings of a sampler as JSON carries them, in reports and on the wire.
 *
 * @module
 */

export {
  float,
  type Json,
  object,
  settings,
  type SettingsText,
  settingsText,
  wantedNumber,
} from "../spec/settings_json.ts";
