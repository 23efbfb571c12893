/** Commands on bitmaps and HyperLogLogs. Reading one that is not there is an error. */
import { FacetError, type Json } from '../../../base/index.ts';
import * as models from '../../../models/index.ts';
import { type Command, command, json } from '../command.ts';
import type { Fields } from '../fields.ts';
import { statsCommand } from './collection-stats.ts';
import { missing } from './lists.ts';

const key = (fields: Fields) => ({ key: fields.string('key') });

function bit(fields: Fields): 0 | 1 {
  const value = fields.integer('value');
  if (value === 0 || value === 1) return value;
  throw new FacetError('INVALID_PARAMETER', "'value' must be 0 or 1");
}

const setbit = command(models.bitmapSetbit, {
  gathers: true,
  read: (fields) => ({ ...key(fields), offset: fields.integer('offset'), value: bit(fields) }),
  write: ({ oldValue }, fields) =>
    json({ ...key(fields), offset: fields.integer('offset'), old_value: oldValue }),
});

const getbit = command(models.bitmapGetbit, {
  gathers: true,
  read: (fields) => ({ ...key(fields), offset: fields.integer('offset') }),
  write: ({ exists, value }, fields) =>
    exists ? json({ ...key(fields), offset: fields.integer('offset'), value }) : missing(fields),
});

function edges(fields: Fields): { readonly start?: number; readonly end?: number } {
  const start = fields.optionalInteger('start');
  const end = fields.optionalInteger('end');
  return { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) };
}

const bitcount = command(models.bitmapBitcount, {
  read: (fields) => ({ ...key(fields), ...edges(fields) }),
  write: ({ exists, count }, fields) => (exists ? json({ ...key(fields), count }) : missing(fields)),
});

const bitpos = command(models.bitmapBitpos, {
  read: (fields) => ({ ...key(fields), value: bit(fields), ...edges(fields) }),
  write: ({ exists, position }, fields) => (exists ? json({ ...key(fields), position }) : missing(fields)),
});

const bitop = command(models.bitmapBitop, {
  read: (fields) => ({
    destination: fields.string('destination'),
    operation: fields.optionalWord(['and', 'or', 'xor', 'not'], 'operation') ?? need('operation'),
    keys: fields.strings('source_keys', 'keys'),
  }),
  write: ({ bits }, fields) => json({ destination: fields.string('destination'), length: bits }),
});

function need(name: string): never {
  throw new FacetError('MISSING_PARAMETER', `'${name}' is required`);
}

/** An integer of 64 bits by its digits. */
function big(fields: Fields, name: string): bigint {
  const digits = fields.optionalDigits(name) ?? need(name);
  if (!/^-?\d+$/.test(digits)) throw new FacetError('NOT_AN_INTEGER', `'${name}' must be an integer`);
  return BigInt(digits);
}

function fieldOf(fields: Fields) {
  const type = fields.optionalWord(['get', 'set', 'incrby'], 'operation', 'type') ?? need('operation');
  const place = {
    offset: fields.integer('offset'),
    width: fields.integer('width'),
    signed: fields.flag('signed'),
  };
  if (type === 'get') return { type, ...place };
  const overflow = fields.optionalWord(['wrap', 'sat', 'fail'], 'overflow') ?? 'wrap';
  return type === 'set'
    ? { type, ...place, value: big(fields, 'value'), overflow }
    : { type, ...place, increment: big(fields, 'increment'), overflow };
}

const bitfield = command(models.bitmapBitfield, {
  read: (fields) => ({ ...key(fields), operations: fields.objects('operations').map(fieldOf) }),
  write: ({ results }, fields) =>
    `{"key":${json(fields.string('key'))},"results":[${results.map(String).join(',')}]}`,
});

const bitmapStats = statsCommand(models.bitmapStats, {
  keys: 'total_bitmaps',
  elements: 'total_bits',
  prefix: '',
  verbs: ['setbit', 'getbit', 'bitcount', 'bitop', 'bitpos', 'bitfield'],
  flat: true,
});

/** A text, or its bytes. */
function elementOf(item: Json, at: number): string | Uint8Array<ArrayBuffer> {
  if (typeof item === 'string') return item;
  const bytes = Array.isArray(item) ? (item as readonly Json[]) : [item];
  if (
    !Array.isArray(item) ||
    !bytes.every((byte) => Number.isInteger(byte) && Number(byte) >= 0 && Number(byte) <= 255)
  ) {
    throw new FacetError('INVALID_PARAMETER', `'elements[${at}]' must be a string or an array of bytes`);
  }
  return Uint8Array.from(bytes, Number);
}

const pfadd = command(models.hyperloglogPfadd, {
  read: (fields) => {
    const ttlMs = fields.optionalSecondsAsMs(['ttl_secs', 'ttl'], 'positive');
    return {
      ...key(fields),
      elements: fields.array('elements').map(elementOf),
      ...(ttlMs === undefined ? {} : { ttlMs }),
    };
  },
  write: ({ added }, fields) => json({ ...key(fields), added }),
});

const pfcount = command(models.hyperloglogPfcount, {
  read: (fields) => ({ keys: fields.optionalStrings('keys') ?? [fields.string('key', 'keys')] }),
  write: ({ exists, count }, fields) => {
    if (!exists && fields.has('key')) return missing(fields);
    return json({ ...(fields.has('key') ? key(fields) : {}), count });
  },
});

const pfmerge = command(models.hyperloglogPfmerge, {
  read: (fields) => ({ destination: fields.string('destination'), sources: fields.strings('sources') }),
  write: ({ count }, fields) => json({ destination: fields.string('destination'), count }),
});

const hyperloglogStats = statsCommand(models.hyperloglogStats, {
  keys: 'total_hlls',
  elements: 'total_cardinality',
  prefix: '',
  verbs: ['pfadd', 'pfcount', 'pfmerge'],
  flat: true,
});

export const BITMAP_COMMANDS: readonly Command[] = [
  setbit,
  getbit,
  bitcount,
  bitpos,
  bitop,
  bitfield,
  bitmapStats,
  pfadd,
  pfcount,
  pfmerge,
  hyperloglogStats,
];
