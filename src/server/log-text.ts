/** One JSON log line as a short line for people: time of day, level if it matters, message, fields. */

/** Fields that repeat what the message says, or that only programs read. */
const HIDDEN = new Set(['level', 'time', 'message', 'endpoints', 'facts']);
/** A stack of some ten lines. */
const VALUE_LETTERS_MAX = 2_000;

/** @param line JSON as pino writes it; anything else is passed on unchanged */
export function textLine(line: string): string {
  let entry: Readonly<Record<string, unknown>>;
  try {
    entry = JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return line;
  }
  const level = entry.level === 'info' ? '' : `${String(entry.level)} `;
  const fields = Object.entries(entry)
    .filter(([name, value]) => !HIDDEN.has(name) && value !== undefined && value !== '')
    .map(([name, value]) => ` ${name}=${shown(value)}`);
  return `${timeOfDay(entry.time)} ${level}${oneLine(String(entry.message))}${fields.join('')}\n`;
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const bare = /^[\w.:/@+-]*$/.test(text);
  const short = text.length > VALUE_LETTERS_MAX ? `${text.slice(0, VALUE_LETTERS_MAX)}…` : text;
  return bare || typeof value !== 'string' ? short : JSON.stringify(short);
}

/** Control characters would let a client write lines of their own. */
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
  return text.replaceAll(/[\u0000-\u001f\u007f]/g, ' ');
}

function timeOfDay(time: unknown): string {
  return typeof time === 'string' ? time.slice(11, 23) : '';
}
