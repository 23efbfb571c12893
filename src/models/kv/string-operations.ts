/** What the key-value model can do with strings. Commands on keys of every kind stand in operations.ts. */
import { operation } from '../operation.ts';
import { KEY_ERRORS } from './error-lists.ts';
import * as strings from './strings/index.ts';

const TYPE_ERRORS = [...KEY_ERRORS, 'WRONG_TYPE'] as const;
const VALUE_ERRORS = [...TYPE_ERRORS, 'VALUE_TOO_LARGE'] as const;
const COUNTER_ERRORS = [...TYPE_ERRORS, 'NOT_AN_INTEGER', 'INTEGER_OVERFLOW'] as const;

export const kvSet = operation({
  name: 'kv.set',
  summary: 'Sets a string, whatever the key held before.',
  input: strings.schemas.setInput,
  output: strings.schemas.setResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: VALUE_ERRORS,
  run: strings.set,
});

export const kvGet = operation({
  name: 'kv.get',
  summary: 'Returns the value of a string and what is left of its time to live.',
  input: strings.schemas.keyOnly,
  output: strings.schemas.getResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: TYPE_ERRORS,
  run: strings.get,
});

export const kvGetset = operation({
  name: 'kv.getset',
  summary: 'Sets a string and returns the one from before.',
  input: strings.schemas.getsetInput,
  output: strings.schemas.getsetResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: VALUE_ERRORS,
  run: strings.getset,
});

export const kvMget = operation({
  name: 'kv.mget',
  summary: 'Returns the values of many strings.',
  input: strings.schemas.keysOnly,
  output: strings.schemas.valuesResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: KEY_ERRORS,
  run: strings.mget,
});

export const kvMset = operation({
  name: 'kv.mset',
  summary: 'Sets many strings, all of them or none.',
  input: strings.schemas.pairsInput,
  output: strings.schemas.msetResult,
  access: 'write',
  category: 'default',
  streams: false,
  weight: ({ pairs }) => pairs.length,
  errors: VALUE_ERRORS,
  run: strings.mset,
});

export const kvSetEach = operation({
  name: 'kv.set_each',
  summary: 'Sets many strings, each by itself, together with those of other callers.',
  input: strings.schemas.pairsInput,
  output: strings.schemas.outcomesResult,
  access: 'write',
  category: 'default',
  streams: false,
  weight: ({ pairs }) => pairs.length,
  batchOf: 'kv.set',
  errors: VALUE_ERRORS,
  run: strings.setEach,
});

export const kvMsetnx = operation({
  name: 'kv.msetnx',
  summary: 'Sets many strings if none of the keys is there.',
  input: strings.schemas.pairsInput,
  output: strings.schemas.msetnxResult,
  access: 'write',
  category: 'default',
  streams: false,
  weight: ({ pairs }) => pairs.length,
  errors: VALUE_ERRORS,
  run: strings.msetnx,
});

export const kvIncr = operation({
  name: 'kv.incr',
  summary: 'Adds to an integer of 64 bits.',
  input: strings.schemas.addInput,
  output: strings.schemas.addResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: COUNTER_ERRORS,
  run: strings.incr,
});

export const kvDecr = operation({
  name: 'kv.decr',
  summary: 'Subtracts from an integer of 64 bits.',
  input: strings.schemas.addInput,
  output: strings.schemas.addResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: COUNTER_ERRORS,
  run: strings.decr,
});

export const kvAppend = operation({
  name: 'kv.append',
  summary: 'Adds text to the end of a string.',
  input: strings.schemas.appendInput,
  output: strings.schemas.lengthResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: VALUE_ERRORS,
  run: strings.append,
});

export const kvGetrange = operation({
  name: 'kv.getrange',
  summary: 'Returns a part of the text of a string.',
  input: strings.schemas.getrangeInput,
  output: strings.schemas.textResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: TYPE_ERRORS,
  run: strings.getrange,
});

export const kvSetrange = operation({
  name: 'kv.setrange',
  summary: 'Overwrites a part of the text of a string.',
  input: strings.schemas.setrangeInput,
  output: strings.schemas.lengthResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: VALUE_ERRORS,
  run: strings.setrange,
});

export const kvStrlen = operation({
  name: 'kv.strlen',
  summary: 'Returns how long the text of a string is.',
  input: strings.schemas.keyOnly,
  output: strings.schemas.lengthResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: TYPE_ERRORS,
  run: strings.strlen,
});

export const STRING_OPERATIONS = [
  kvSet,
  kvGet,
  kvGetset,
  kvMget,
  kvMset,
  kvSetEach,
  kvMsetnx,
  kvIncr,
  kvDecr,
  kvAppend,
  kvGetrange,
  kvSetrange,
  kvStrlen,
] as const;
