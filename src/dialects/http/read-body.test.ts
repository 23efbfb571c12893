/** Which types of bodies are JSON, for whom. Sizes and clients that go away are in the tests of the dialects. */
import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, it } from 'vitest';
import { readJson } from './read-body.ts';

const FORM = 'application/x-www-form-urlencoded';
const rules = { bodyBytesMax: 100, alsoJson: [FORM] };
const read = (type: string | undefined, more: IncomingHttpHeaders = {}, text = '{"a":1}') => {
  const headers = type === undefined ? more : { 'content-type': type, ...more };
  return readJson(Buffer.from(text), headers, undefined, rules);
};

describe('a body', () => {
  it.each([
    'application/json',
    'Application/JSON',
    'application/json;charset=utf-8',
    'application/json ; charset="UTF-8"',
    'application/vnd.api+json',
    'application/problem+json; charset=utf-8',
    FORM,
    `${FORM}; charset=utf-8`,
  ])('of type %s is JSON', (type) => {
    expect(read(type)).toEqual({ a: 1 });
  });

  it.each([
    undefined,
    '',
    'json',
    'text/plain',
    'text/json',
    'application/jsonp',
    'application/json-seq',
    'application/+json',
    'multipart/form-data; boundary=application/json',
    'application/json; charset=latin1',
  ])('of type %s is refused', (type) => {
    expect(() => read(type)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_MEDIA_TYPE' }));
  });

  it('of another type is refused also when it is empty, and without a type it is nothing', () => {
    expect(() => read('text/plain', {}, '')).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED_MEDIA_TYPE' }),
    );
    expect(read('application/json', {}, '')).toBeUndefined();
    expect(read(undefined, {}, '')).toBeUndefined();
  });

  it('that pages of other sites may send without being asked is refused from browsers', () => {
    expect(read('application/json', { origin: 'https://a.example' })).toEqual({ a: 1 });
    expect(() => read(FORM, { origin: 'https://a.example' })).toThrow(/A page must send application\/json/);
    expect(() => read(FORM, { 'sec-fetch-site': 'same-origin' })).toThrow(/A page must send/);
  });

  it('that is compressed is refused', () => {
    expect(() => read('application/json', { 'content-encoding': 'gzip' })).toThrow(/not as gzip/);
  });
});
