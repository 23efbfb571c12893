/** Commands on hashes. A hash that is not there is an empty one. */
import * as models from '../../../models/index.ts';
import { type Command, command, json } from '../command.ts';
import type { Fields } from '../fields.ts';
import { jsonText } from '../fields.ts';
import { statsCommand } from './collection-stats.ts';

const key = (fields: Fields) => ({ key: fields.string('key') });
const oneField = (fields: Fields) => ({ ...key(fields), field: fields.string('field') });
const about = (fields: Fields): string =>
  `"key":${json(fields.string('key'))},"field":${json(fields.string('field'))}`;

const set = command(models.hashSet, {
  gathers: true,
  read: (fields) => ({ ...oneField(fields), valueJson: fields.json('value') }),
  write: ({ created }, fields) => `{"success":true,"created":${created},${about(fields)}}`,
});

const setnx = command(models.hashSetnx, {
  read: (fields) => ({ ...oneField(fields), valueJson: fields.json('value') }),
  write: ({ created }, fields) => `{"created":${created},${about(fields)}}`,
});

const get = command(models.hashGet, {
  gathers: true,
  read: oneField,
  write: ({ found, valueJson }) => `{"found":${found},"value":${valueJson ?? 'null'}}`,
});

/** JSON text of an object. */
export const pairsText = (pairs: readonly { readonly field: string; readonly valueJson: string }[]): string =>
  `{${pairs.map(({ field, valueJson }) => `${json(field)}:${valueJson}`).join(',')}}`;

const getall = command(models.hashGetall, {
  read: key,
  write: ({ pairs }) => `{"fields":${pairsText(pairs)},"count":${pairs.length}}`,
});

const del = command(models.hashDel, {
  read: (fields) => ({
    ...key(fields),
    fields: fields.optionalStrings('fields') ?? [fields.string('fields', 'field')],
  }),
  write: ({ deleted }, fields) => json({ deleted, ...key(fields) }),
});

const exists = command(models.hashExists, {
  read: oneField,
  write: (output) => json({ exists: output.exists }),
});

const len = command(models.hashLen, { read: key, write: ({ length }) => json({ length }) });

const keys = command(models.hashKeys, {
  read: key,
  write: (output) => json({ keys: output.fields, fields: output.fields, count: output.fields.length }),
});

const vals = command(models.hashVals, {
  aliases: ['hash.values'],
  read: key,
  write: ({ valuesJson }) => `{"values":[${valuesJson.join(',')}],"count":${valuesJson.length}}`,
});

/** An object of values by field, or an array of `{field, value}`. */
function pairsOf(fields: Fields) {
  if (Array.isArray(fields.optional('fields'))) {
    return fields
      .objects('fields')
      .map((item) => ({ field: item.string('field'), valueJson: item.json('value') }));
  }
  return fields
    .object('fields')
    .entries()
    .map(([field, value]) => ({ field, valueJson: jsonText(value) }));
}

const mset = command(models.hashMset, {
  read: (fields) => ({ ...key(fields), pairs: pairsOf(fields) }),
  write: (_output, fields) => json({ success: true, ...key(fields) }),
});

const mget = command(models.hashMget, {
  read: (fields) => ({ ...key(fields), fields: fields.strings('fields') }),
  write: ({ valuesJson }) => `{"values":[${valuesJson.map((value) => value ?? 'null').join(',')}]}`,
});

const incrby = command(models.hashIncrby, {
  gathers: true,
  read: (fields) => ({ ...oneField(fields), amount: fields.optionalDigits('increment', 'amount') ?? '1' }),
  write: ({ value }) => `{"value":${value}}`,
});

const incrbyfloat = command(models.hashIncrbyfloat, {
  read: (fields) => ({ ...oneField(fields), amount: fields.number('increment', 'amount') }),
  write: ({ valueJson }) => `{"value":${valueJson}}`,
});

const stats = statsCommand(models.hashStats, {
  keys: 'total_hashes',
  elements: 'total_fields',
  prefix: 'h',
  verbs: ['set', 'get', 'del'],
});

export const HASH_COMMANDS: readonly Command[] = [
  set,
  setnx,
  get,
  getall,
  del,
  exists,
  len,
  keys,
  vals,
  mset,
  mget,
  incrby,
  incrbyfloat,
  stats,
];
