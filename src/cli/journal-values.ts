/** Values on the command line that several commands of the journal take. */
import { InvalidArgumentError } from 'commander';

export function entryNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('The number of an entry.');
}

export function hashText(text: string): string {
  if (/^[0-9a-f]{64}$/i.test(text)) return text.toLowerCase();
  throw new InvalidArgumentError('64 hexadecimal digits.');
}

/** Milliseconds. */
export function age(text: string): number {
  const [, count = '', unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (unit === 's') return Number(count) * 1_000;
  if (unit === 'm') return Number(count) * 60_000;
  if (unit === 'h') return Number(count) * 3_600_000;
  if (unit === 'd') return Number(count) * 86_400_000;
  throw new InvalidArgumentError('A time such as 30d, 12h, 15m or 10s.');
}
