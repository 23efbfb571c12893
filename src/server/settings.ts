/** The options as plain data for those who may ask the server for them: secrets are left out or masked. */
import type { Config } from './config.ts';
import { maskedUri } from './mask.ts';
import { fieldName, OPTION_ROWS } from './options.ts';

export function settingsOf(config: Config): Record<string, string | number | boolean | null> {
  const values = config as unknown as Readonly<Record<string, string | number | boolean | null>>;
  const settings: Record<string, string | number | boolean | null> = {};
  for (const [key, row] of OPTION_ROWS) {
    if (row.secret === true) continue;
    settings[key] = key === 'store' ? maskedUri(config.store) : (values[fieldName(key)] ?? null);
  }
  return settings;
}
