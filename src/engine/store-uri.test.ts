/** Store URIs that are accepted, refused, and shown without their password. */
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FacetError } from '../base/index.ts';
import { parseStoreUri } from './store-uri.ts';

const codeOf = (uri: string): string => {
  try {
    parseStoreUri(uri);
    return 'accepted';
  } catch (error) {
    return error instanceof FacetError ? error.code : 'another error';
  }
};

describe('memory and file', () => {
  it('are read with their namespace', () => {
    expect(parseStoreUri('memory://try')).toEqual({
      kind: 'memory',
      name: 'try',
      namespace: 'default',
      masked: 'memory://try',
    });
    expect(parseStoreUri('memory://?ns=shop')).toMatchObject({ name: '', namespace: 'shop' });
    expect(parseStoreUri('file:///var/lib/facet?ns=shop')).toMatchObject({
      kind: 'file',
      directory: '/var/lib/facet',
      namespace: 'shop',
    });
    expect(parseStoreUri('file:./data')).toMatchObject({ directory: resolve('data') });
    expect(parseStoreUri('file:data')).toMatchObject({ directory: resolve('data') });
    expect(parseStoreUri('file:///a%20b/c')).toMatchObject({ directory: '/a b/c' });
    expect(parseStoreUri('file:/a/b')).toMatchObject({ directory: '/a/b' });
  });
});

describe('postgres', () => {
  it('is read with hosts, credentials and options', () => {
    expect(
      parseStoreUri('postgres://ann:p%40ss:word@db1:6432,db2,[::1]:7/shop?sslmode=disable&ns=a_1'),
    ).toMatchObject({
      kind: 'postgres',
      database: 'shop',
      namespace: 'a_1',
      masked: 'postgres://ann:***@db1:6432,db2,[::1]:7/shop?sslmode=disable&ns=a_1',
      target: {
        user: 'ann',
        password: 'p@ss:word',
        tls: { first: false },
        hosts: [
          { host: 'db1', port: 6432 },
          { host: 'db2', port: 5432 },
          { host: '::1', port: 7 },
        ],
      },
    });
    expect(parseStoreUri('postgresql://ann@/shop?host=/run/pg&port=5433')).toMatchObject({
      target: { hosts: [{ host: '/run/pg', port: 5433 }], tls: { first: false } },
    });
    expect(parseStoreUri('postgres://ann@db')).toMatchObject({ database: 'ann', namespace: 'default' });
  });

  it('masks a password wherever it stands', () => {
    expect(parseStoreUri('postgres://ann@db/x?password=secret&sslmode=disable')).toMatchObject({
      masked: 'postgres://ann@db/x?password=***&sslmode=disable',
      target: { password: 'secret' },
    });
  });

  it.each([
    ['disable', { first: false }],
    ['prefer', { first: { rejectUnauthorized: false }, fallback: false }],
    ['require', { first: { rejectUnauthorized: false } }],
    ['verify-full', { first: { rejectUnauthorized: true } }],
  ])('sslmode=%s', (mode, tls) => {
    expect(parseStoreUri(`postgres://ann@db/x?sslmode=${mode}`)).toMatchObject({ target: { tls } });
  });
});

describe('refusals', () => {
  it.each([
    ['s3://bucket/x', 'STORE_UNSUPPORTED'],
    ['mysql://x', 'STORE_UNSUPPORTED'],
    ['facet-data', 'STORE_INVALID'],
    ['', 'STORE_INVALID'],
    ['memory://a/b', 'STORE_INVALID'],
    ['memory://a?x=1', 'STORE_INVALID'],
    ['memory://a?ns=a&ns=b', 'STORE_INVALID'],
    ['memory://a?ns=Big', 'NAMESPACE_INVALID'],
    ['memory://a?ns=', 'NAMESPACE_INVALID'],
    ['file://', 'STORE_INVALID'],
    ['file:', 'STORE_INVALID'],
    ['file:///', 'STORE_INVALID'],
    ['file://host/x', 'STORE_INVALID'],
    ['file:///a%zz', 'STORE_INVALID'],
    ['file:///a#b', 'STORE_INVALID'],
    ['file:///a?mode=rw', 'STORE_INVALID'],
    ['postgres://a@b:x/c', 'STORE_INVALID'],
    ['postgres://a@b:99999/c', 'STORE_INVALID'],
    ['postgres://a@b/c?sslmode=maybe', 'STORE_INVALID'],
    ['postgres://a@b/c?pool=1', 'STORE_INVALID'],
    ['postgres://a@b/c?sslrootcert=/nowhere.pem', 'STORE_INVALID'],
    ['postgres://a%@b/c', 'STORE_INVALID'],
    ['postgres://ann:a@b@db/x', 'STORE_INVALID'],
  ])('%s: %s', (uri, code) => {
    expect(codeOf(uri)).toBe(code);
  });

  it('never repeat a password', () => {
    for (const uri of [
      'postgres://ann:secret@h:x/d',
      'postgres://ann:secret@h/d?what=1',
      'postgres://ann:secret@h/d?ns=X',
      'postgres://ann:x@secret@h/d',
    ]) {
      expect(() => parseStoreUri(uri)).toThrow(
        expect.not.objectContaining({ message: expect.stringContaining('secret') }),
      );
    }
  });
});
