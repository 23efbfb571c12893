/** REST routes of strings and keys. */
import { FacetError, nowMs } from '../../../base/index.ts';
import * as models from '../../../models/index.ts';
import { type Command, fieldsOf, json } from '../command.ts';
import { setInput } from '../commands/index.ts';
import type { Fields } from '../fields.ts';
import { bytesJson, textOf } from '../text-value.ts';
import type { RestRoute } from './rest.ts';

/** `{type, value}`: seconds or milliseconds from now, or an instant of Unix time in either. */
function expiryMs(fields: Fields): number | undefined {
  const expiry = fields.optionalObject('expiry');
  if (expiry === undefined) return fields.optionalSecondsAsMs(['ttl'], 'positive');
  const type = expiry.optionalWord(['seconds', 'milliseconds', 'unix_seconds', 'unix_milliseconds'], 'type');
  const value = expiry.integer('value');
  const ms = type === 'milliseconds' || type === 'unix_milliseconds' ? value : value * 1_000;
  if (type === undefined) throw new FacetError('MISSING_PARAMETER', "'expiry.type' is required");
  return type.startsWith('unix') ? ms - nowMs() : ms;
}

/** As kv.set, but nx and xx that were not met are an answer and not an error. */
const set: Command = {
  names: ['kv.set'],
  operation: models.kvSet,
  gathers: false,
  run: async (call) => {
    const fields = fieldsOf(call);
    const input = setInput(fields);
    const ttlMs = expiryMs(fields);
    if (ttlMs !== undefined) input.ttlMs = ttlMs;
    const output = await call.dispatch.call(models.kvSet, input, call.session);
    const old = fields.flag('get') ? `,"old_value":${output.previousJson ?? 'null'}` : '';
    return `{"success":true,"key":${json(input.key)},"written":${output.written}${old}}`;
  },
};

/** The bare value; a missing key is 200 with `error`, as clients of these routes expect. */
const get: Command = {
  names: ['kv.get'],
  operation: models.kvGet,
  gathers: false,
  run: async (call) => {
    const fields = fieldsOf(call);
    const bytes = fields.optionalWord(['string', 'bytes'], 'type') === 'bytes';
    const { valueJson } = await call.dispatch.call(models.kvGet, { key: fields.string('key') }, call.session);
    if (valueJson === null) return json({ error: 'Key not found' });
    return bytes ? bytesJson(valueJson) : json(textOf(valueJson));
  },
};

/** Zeros for a missing key come from the operation itself. */
const usage: RestRoute = { method: 'GET', path: '/memory/:key/usage', command: 'memory.usage' };

/** 200 with `error` where there is nothing, as clients of these routes expect. */
const rangeAnswer = (payload: string): string =>
  payload === 'null' ? json({ error: 'Key not found or range empty' }) : payload;

/** As key.copy, but a destination that is there is an answer and not an error. */
const copy: Command = {
  names: ['key.copy'],
  operation: models.keyCopy,
  gathers: false,
  run: async (call) => {
    const fields = fieldsOf(call);
    const input = { source: fields.string('key'), destination: fields.string('destination') };
    try {
      await call.dispatch.call(models.keyCopy, { ...input, replace: fields.flag('replace') }, call.session);
      return json({ success: true, ...input });
    } catch (thrown) {
      if (thrown instanceof FacetError && thrown.code === 'KEY_EXISTS')
        return json({ success: false, ...input });
      throw thrown;
    }
  },
};

export const KEY_ROUTES: readonly RestRoute[] = [
  { method: 'POST', path: '/kv/set', command: set },
  { method: 'GET', path: '/kv/get/:key', command: get },
  { method: 'DELETE', path: '/kv/del/:key', command: 'kv.del' },
  { method: 'GET', path: '/kv/stats', command: 'kv.stats' },
  { method: 'POST', path: '/kv/msetnx', command: 'kv.msetnx', bodyAs: 'pairs' },
  { method: 'POST', path: '/kv/:key/append', command: 'kv.append' },
  { method: 'GET', path: '/kv/:key/getrange', command: 'kv.getrange', answer: rangeAnswer },
  { method: 'POST', path: '/kv/:key/setrange', command: 'kv.setrange' },
  { method: 'GET', path: '/kv/:key/strlen', command: 'kv.strlen' },
  { method: 'POST', path: '/kv/:key/getset', command: 'kv.getset' },
  { method: 'GET', path: '/key/randomkey', command: 'key.randomkey' },
  { method: 'GET', path: '/key/:key/type', command: 'key.type' },
  { method: 'GET', path: '/key/:key/exists', command: 'key.exists' },
  { method: 'POST', path: '/key/:key/rename', command: 'key.rename' },
  { method: 'POST', path: '/key/:key/renamenx', command: 'key.renamenx' },
  { method: 'POST', path: '/key/:key/copy', command: copy },
  usage,
];
