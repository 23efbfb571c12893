/** Commands on strings: `kv.set`, `kv.get` and those around them. */
import { FacetError, type Json } from '../../../base/index.ts';
import * as models from '../../../models/index.ts';
import { type Command, type CommandCall, command, composed, fieldsOf, json } from '../command.ts';
import { Fields, jsonText } from '../fields.ts';
import { bytesJson, textOf } from '../text-value.ts';

const ttlMs = (fields: Fields): { readonly ttlMs?: number } => {
  const ms = fields.optionalSecondsAsMs(['ttl'], 'positive');
  return ms === undefined ? {} : { ttlMs: ms };
};

/** A value as text: strings lose their quotes, other values are their JSON text. */
const text = (fields: Fields, name: string): string => textOf(fields.json(name));

/** Remaining time in whole seconds, as the protocol counts: rounded down. */
export const secondsLeft = (ms: number | null): number | null =>
  ms === null ? null : Math.floor(ms / 1_000);

/** The input of kv.set, for the command and for batches. */
export function setInput(fields: Fields): SetInput {
  const nx = fields.flag('nx');
  const xx = fields.flag('xx');
  if (nx && xx) throw new FacetError('INVALID_PARAMETER', "'nx' and 'xx' exclude each other");
  const input: SetInput = { key: fields.string('key'), valueJson: fields.json('value') };
  const ttl = fields.optionalSecondsAsMs(['ttl'], 'positive');
  if (ttl !== undefined) input.ttlMs = ttl;
  if (nx) input.nx = true;
  if (xx) input.xx = true;
  if (fields.flag('keepttl')) input.keepTtl = true;
  if (xx || fields.flag('get')) input.previous = true;
  return input;
}

interface SetInput {
  key: string;
  valueJson: string;
  ttlMs?: number;
  nx?: boolean;
  xx?: boolean;
  keepTtl?: boolean;
  /** Whether somebody reads the value from before: it costs a look at the key. */
  previous?: boolean;
}

/** The answer to a kv.set that was done. */
export const setText = (key: string, previousJson: string | null): string =>
  `{"key":${JSON.stringify(key)},"success":true,"previous":${previousJson ?? 'null'}}`;

const set = command(models.kvSet, {
  gathers: true,
  read: setInput,
  write: ({ written, previousJson }, fields) => {
    const key = fields.string('key');
    if (written) return setText(key, previousJson);
    if (fields.flag('nx')) throw new FacetError('KEY_EXISTS', `Key already exists: ${key}`);
    throw new FacetError('KEY_NOT_FOUND', `Key not found: ${key}`);
  },
});

const get = command(models.kvGet, {
  gathers: true,
  read: (fields) => {
    fields.optionalWord(['string', 'bytes'], 'type');
    return { key: fields.string('key') };
  },
  write: (output, fields, { wire }) => {
    const bytes = fields.optionalWord(['string', 'bytes'], 'type') === 'bytes';
    const value = output.valueJson === null ? 'null' : bytes ? bytesJson(output.valueJson) : output.valueJson;
    if (wire === 'released') return value;
    return `{"found":${output.found},"value":${value},"ttl":${secondsLeft(output.ttlMs)}}`;
  },
});

const getset = command(models.kvGetset, {
  read: (fields) => ({ key: fields.string('key'), valueJson: fields.json('value') }),
  write: ({ previousJson }) => previousJson ?? 'null',
});

const mget = command(models.kvMget, {
  read: (fields) => ({ keys: fields.strings('keys') }),
  write: ({ valuesJson }) => `{"values":[${valuesJson.map((value) => value ?? 'null').join(',')}]}`,
});

/** Objects `{key, value}` or tuples `[key, value]`. */
function pairOf(item: Json, at: number): { readonly key: string; readonly valueJson: string } {
  if (!Array.isArray(item)) {
    const fields = Fields.of(item, `'pairs[${at}]'`);
    return { key: fields.string('key'), valueJson: fields.json('value') };
  }
  const [key, value] = item as readonly Json[];
  if (item.length !== 2 || typeof key !== 'string' || value === undefined) {
    throw new FacetError('INVALID_PARAMETER', `'pairs[${at}]' must be a key and a value`);
  }
  return { key, valueJson: jsonText(value) };
}

/** `{pairs: […]}`, one bare pair `{key, value}`, or one bare tuple `[key, value]`. */
function pairsOf(call: CommandCall) {
  const { payload } = call;
  if (Array.isArray(payload)) return { pairs: [pairOf(payload, 0)] };
  const fields = fieldsOf(call);
  if (!fields.has('pairs') && fields.has('key')) return { pairs: [pairOf(payload, 0)] };
  const pairs = fields.array('pairs');
  return { pairs: typeof pairs[0] === 'string' ? [pairOf(pairs, 0)] : pairs.map(pairOf) };
}

const mset: Command = {
  names: ['kv.mset'],
  operation: models.kvMset,
  gathers: false,
  run: async (call) => {
    await call.dispatch.call(models.kvMset, { ...pairsOf(call), ...msetTtl(call) }, call.session);
    return '{"success":true}';
  },
};

const msetnx: Command = {
  names: ['kv.msetnx'],
  operation: models.kvMsetnx,
  gathers: false,
  run: async (call) => {
    const { written } = await call.dispatch.call(
      models.kvMsetnx,
      { ...pairsOf(call), ...msetTtl(call) },
      call.session,
    );
    return json({ success: written });
  },
};

const msetTtl = (call: CommandCall): object => (Array.isArray(call.payload) ? {} : ttlMs(fieldsOf(call)));

const add = (operation: typeof models.kvIncr) =>
  command(operation, {
    gathers: true,
    read: (fields) => {
      const amount = fields.optionalDigits('amount');
      return { key: fields.string('key'), ...(amount === undefined ? {} : { amount }) };
    },
    write: ({ value }) => `{"value":${value}}`,
  });

const append = command(models.kvAppend, {
  read: (fields) => ({ key: fields.string('key'), text: text(fields, 'value') }),
  write: ({ length }) => json({ length }),
});

const getrange = command(models.kvGetrange, {
  read: (fields) => ({
    key: fields.string('key'),
    start: fields.integer('start'),
    end: fields.integer('end'),
  }),
  write: (output) => (output.text === '' ? 'null' : json(output.text)),
});

const setrange = command(models.kvSetrange, {
  read: (fields) => ({
    key: fields.string('key'),
    offset: fields.integer('offset'),
    text: text(fields, 'value'),
  }),
  write: ({ length }) => json({ length }),
});

const strlen = command(models.kvStrlen, {
  read: (fields) => ({ key: fields.string('key') }),
  write: ({ length }) => json({ length }),
});

/** A float cannot be counted with exactly, so that it is not offered. */
const incrByFloat = composed(['kv.incrbyfloat'], 'write', async () => {
  throw new FacetError('FEATURE_NOT_SUPPORTED', 'kv.incrbyfloat is not offered: counters are integers');
});

export const STRING_COMMANDS: readonly Command[] = [
  set,
  get,
  getset,
  mget,
  mset,
  msetnx,
  add(models.kvIncr),
  add(models.kvDecr),
  append,
  getrange,
  setrange,
  strlen,
  incrByFloat,
];
