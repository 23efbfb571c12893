/** The configuration table of the Neumann reference, row by row, and its examples as facet.toml. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FacetError } from '../base/index.ts';
import { type Config, readConfig } from './config.ts';
import { checkConfig } from './config-checks.ts';
import { neumannCors, neumannSettings } from './neumann.ts';

const MIB = 1024 * 1024;
const HASH = `sha256:${'ab'.repeat(32)}`;
let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'facet-neumann-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function read(toml: string): Config {
  writeFileSync(join(directory, 'facet.toml'), toml);
  return readConfig({ flags: {}, environment: {}, directory });
}
const settingsOf = (toml: string) => neumannSettings(read(toml), 'main');

function complaint(toml: string): string {
  try {
    checkConfig(read(toml));
  } catch (error) {
    if (error instanceof FacetError && error.code === 'CONFIG_INVALID') return error.message;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('a limit of the table', () => {
  it.each([
    ['max_message_size', 'messageBytesMax', 64 * MIB, '"128MB"', 128 * MIB],
    ['max_upload_size', 'uploadBytesMax', 512 * MIB, '"1GB"', 1024 * MIB],
    ['blob_chunk_size', 'blobChunkBytes', 64 * 1024, '"1MB"', MIB],
    ['stream_channel_capacity', 'streamCapacity', 32, '64', 64],
    ['enable_reflection', 'isReflected', true, 'false', false],
    ['api_key_header', 'apiKeyHeader', 'x-api-key', '"x-neumann-key"', 'x-neumann-key'],
  ] as const)('%s', (name, field, byDefault, written, value) => {
    expect(settingsOf('')[field]).toBe(byDefault);
    expect(settingsOf(`[neumann]\n${name} = ${written}\n`)[field]).toBe(value);
  });

  it.each([
    ['enable_grpc_web', 'neumannEnableGrpcWeb', true, 'false', false],
    ['bind_addr', 'neumannBindAddr', 'off', '"127.0.0.1:9200"', '127.0.0.1:9200'],
    ['wire', 'neumannWire', 'documented', '"released"', 'released'],
  ] as const)('%s, which the server itself reads', (name, field, byDefault, written, value) => {
    expect(read('')[field]).toBe(byDefault);
    expect(read(`[neumann]\n${name} = ${written}\n`)[field]).toBe(value);
  });

  it.each([
    'max_message_size',
    'blob_chunk_size',
    'stream_channel_capacity',
  ])('%s of 0 is refused', (name) => {
    expect(() => read(`[neumann]\n${name} = 0\n`)).toThrow(`neumann.${name} in `);
  });
});

describe('who may come without a key', () => {
  const keys = `[[credentials]]\nname = "service:backend"\nrole = "write"\nsecret = "${HASH}"\n`;
  const anonymous = '[neumann]\nallow_anonymous = true\n';

  it('everyone is let in by the gate when there are no keys', () => {
    expect(settingsOf('').anonymous).toBeUndefined();
    expect(settingsOf(anonymous).anonymous).toBeUndefined();
    expect(checkConfig(read(anonymous))).toEqual([expect.stringContaining('neumann-allow-anonymous')]);
  });

  it('nobody, or readers of the default namespace', () => {
    expect(settingsOf(keys).anonymous).toBeUndefined();
    const reader = { name: '', role: 'read', namespace: 'main' };
    expect(settingsOf(`${anonymous}${keys}`).anonymous).toEqual(reader);
    expect(settingsOf(`${anonymous}anonymous_role = "write"\n${keys}`).anonymous).toMatchObject({
      role: 'write',
    });
  });
});

it('the examples of the reference, of a builder and of production, are accepted as they stand', () => {
  const example = (limits: string): Config =>
    read(
      [
        ...['[neumann]', 'bind_addr = "0.0.0.0:9443"', 'allow_anonymous = false', limits],
        ...['[tls]', 'cert = "server.crt"', 'key = "server.key"'],
        ...['[[credentials]]', 'name = "service:backend"', 'role = "admin"', `secret = "${HASH}"`, ''],
      ].join('\n'),
    );
  const built = example('max_message_size = "128MB"\nenable_grpc_web = true\nenable_reflection = true');
  expect(checkConfig(built)).toEqual([]);
  expect([built.neumannBindAddr, built.tlsCert, built.tlsKey]).toEqual([
    ...['0.0.0.0:9443', expect.stringContaining('server.crt'), expect.stringContaining('server.key')],
  ]);
  const production = example(
    'max_message_size = "64MB"\nmax_upload_size = "1GB"\nstream_channel_capacity = 64\nenable_reflection = false',
  );
  expect(checkConfig(production)).toEqual([]);
  expect(neumannSettings(production, 'main')).toMatchObject({
    ...{ messageBytesMax: 64 * MIB, uploadBytesMax: 1024 * MIB, streamCapacity: 64, isReflected: false },
    anonymous: undefined,
  });
});

describe('what contradicts itself is refused', () => {
  const neumann = (line: string): string => `[neumann]\n${line}\n`;
  it.each([
    [neumann('bind_addr = "0.0.0.0:9200"'), 'without credentials'],
    [neumann('api_key_header = "X-Api-Key"'), 'neumann-api-key-header'],
    [neumann('api_key_header = "grpc-key"'), 'neumann-api-key-header'],
    [neumann('api_key_header = "key-bin"'), 'neumann-api-key-header'],
    [neumann('api_key_header = ""'), 'neumann.api_key_header'],
    [neumann('max_message_size = "64KB"'), 'neumann-blob-chunk-size'],
    [neumann('cors_origins = "app.example.com"'), 'neumann-cors-origins'],
    ['[tls]\ncert = "server.crt"\n', 'tls-key is not'],
    ['[tls]\nclient_ca = "ca.crt"\n', 'TLS is off'],
  ])('%j', (toml, part) => {
    expect(complaint(toml)).toContain(part);
  });
});

it('pages of the sites that are named may call, with the header of the keys', () => {
  expect(neumannCors(read(''))).toBeUndefined();
  const written = '[neumann]\ncors_origins = "https://A.example.com, http://localhost:3000"\n';
  expect(neumannCors(read(`${written}api_key_header = "x-key"\n`))).toEqual({
    origins: ['https://a.example.com', 'http://localhost:3000'],
    headers: ['x-key'],
  });
});
