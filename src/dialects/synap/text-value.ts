/** A value as the text of a string: the characters of a JSON string, the JSON text of anything else. */

/** @param valueJson a JSON text */
export const textOf = (valueJson: string): string =>
  valueJson.startsWith('"') ? (JSON.parse(valueJson) as string) : valueJson;

/** JSON array of the bytes of that text in UTF-8. */
export const bytesJson = (valueJson: string): string => bytesOfText(textOf(valueJson));

export const bytesOfText = (text: string): string => `[${Buffer.from(text).join(',')}]`;

const UNITS = ['KB', 'MB', 'GB', 'TB'] as const;

/** `0B`, `512B`, `1.50KB`: whole numbers without decimals, else two. */
export function humanBytes(bytes: number): string {
  let amount = bytes;
  let unit = 'B';
  for (const next of UNITS) {
    if (amount / 1_024 < 1) break;
    amount = amount / 1_024;
    unit = next;
  }
  return `${Number.isInteger(amount) ? amount : amount.toFixed(2)}${unit}`;
}
