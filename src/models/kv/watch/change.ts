/** A change of a key as followers get it, and how PostgreSQL tells it: see kv.tell in the migration kv/0006-watch. */

/** `set` a string was written, `change` another kind was, `expire` and `persist` only its time to live changed. */
export const EVENTS = ['set', 'change', 'del', 'expired', 'expire', 'persist'] as const;
export type KeyEvent = (typeof EVENTS)[number];

/** What a follower gets. All followers of this process get the same object. */
export interface KeyChange {
  readonly key: string;
  readonly event: KeyEvent;
  /** Of the key behind the change; of a key that is gone, the last one. Begins anew with a key that was deleted. */
  readonly version: number;
  /** JSON text of a string that was set; null for all other changes, and when it was left out. */
  readonly valueJson: string | null;
  /** The value was left out: it is larger than LIMITS.kvWatchValueBytesMax, or was another one before it was fetched. */
  readonly truncated: boolean;
  /** By the clock of this process, milliseconds since 1970: when it learned of the change. */
  readonly toldAtMs: number;
  /** Of key and value. */
  readonly bytes: number;
}

/** One notification. */
export interface Told {
  readonly key: string;
  readonly event: KeyEvent;
  readonly entryId: string;
  readonly version: number;
  readonly value: 'there' | 'to fetch' | 'too large' | 'none';
  /** JSON text, when it is there. */
  readonly valueJson: string | null;
}

const HEAD = /^([a-z]{3,7}) (\d{1,19})\.(\d{1,15}) ([vft-]) (\d{1,4})\n/;
const VALUES = { v: 'there', f: 'to fetch', t: 'too large', '-': 'none' } as const;

/** Undefined when it is not well formed: whoever may run SQL can send one. */
export function toldIn(payload: string): Told | undefined {
  const [head = '', name, entryId = '', version, mark, keyBytes] = HEAD.exec(payload) ?? [];
  const event = EVENTS.find((one) => one === name);
  const value = VALUES[mark as keyof typeof VALUES];
  if (event === undefined || value === undefined) return undefined;
  const rest = Buffer.from(payload.slice(head.length));
  const end = Number(keyBytes);
  if (end === 0 || end > rest.length) return undefined;
  const valueJson = value === 'there' ? rest.toString('utf8', end) : null;
  if (valueJson !== null && !isJson(valueJson)) return undefined;
  return { key: rest.toString('utf8', 0, end), event, entryId, version: Number(version), value, valueJson };
}

/** What is written into frames as it stands must be JSON, whoever sent it. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
