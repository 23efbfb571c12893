/** BLOB and BLOBS: every form with its answer, what is missing or wrong, streams, and all of it in one transaction. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { streamStatement } from '../../../src/dialects/neumann/statements/index.ts';
import {
  blobPut,
  sqlQuery,
  transactionBegin,
  transactionCommit,
  transactionRollback,
} from '../../../src/models/index.ts';
import { type CallOptions, type Neumann, openNeumann } from './open-neumann.ts';

let neumann: Neumann;
beforeAll(async () => {
  neumann = await openNeumann();
});
afterAll(async () => {
  await neumann?.stop();
});

const MISSING = '00000000-0000-4000-8000-000000000000';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const run = (text: string, options?: CallOptions) => neumann.run(text, options);

/** Stores an artifact. @returns its id */
async function put(rest: string, options?: CallOptions): Promise<string> {
  const answer = await run(`BLOB PUT ${rest}`, options);
  const id = String(answer.value.value);
  expect(id).toMatch(UUID);
  return id;
}

const text = async (id: string, options?: CallOptions): Promise<string> =>
  Buffer.from(String((await run(`BLOB GET '${id}'`, options)).blob.data ?? ''), 'base64').toString();

const ids = async (list: string, options?: CallOptions): Promise<unknown> =>
  (await run(list, options)).artifact_list.artifact_ids ?? [];

describe('BLOB', () => {
  test('PUT, INFO and GET', async () => {
    const id = await put(
      `'config.json' DATA '{"key": "ü"}' TYPE 'application/json' BY 'ada' TAG 'b', 'a' LINK 'ship:1'`,
    );
    const { artifact_info: info } = await run(`BLOB INFO '${id}'`);
    expect(info).toMatchObject({
      id,
      filename: 'config.json',
      content_type: 'application/json',
      size: '13',
      chunk_count: '1',
      created_by: 'ada',
      tags: ['a', 'b'],
      linked_to: ['ship:1'],
    });
    expect(info.checksum).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(Number(info.created)).toBeGreaterThan(1_600_000_000);
    expect(info.modified).toBe(info.created);
    expect(await text(id)).toBe('{"key": "ü"}');
  });

  test('the caller is who made it when the statement does not say', async () => {
    const id = await put("'mine.txt' 'x'", { name: 'bo', role: 'write' });
    expect((await run(`BLOB INFO '${id}'`)).artifact_info).toMatchObject({
      created_by: 'bo',
      content_type: 'application/octet-stream',
    });
  });

  test('tags, links and metadata', async () => {
    const id = await put("'log.txt' 'engines nominal' TAG 'daily' LINK 'ship:1'");
    for (const statement of [
      `BLOB TAG '${id}' 'important'`,
      `BLOB UNTAG '${id}' 'daily'`,
      `BLOB LINK '${id}' TO 'user:alice'`,
      `BLOB UNLINK '${id}' FROM 'ship:1'`,
      `BLOB META SET '${id}' department engineering`,
    ]) {
      expect(await run(statement)).toEqual({ empty: {} });
    }
    expect((await run(`BLOB INFO '${id}'`)).artifact_info).toMatchObject({
      tags: ['important'],
      linked_to: ['user:alice'],
      custom: { department: 'engineering' },
    });
    expect(await ids(`BLOB LINKS '${id}'`)).toEqual(['user:alice']);
    expect(await run(`BLOB META GET '${id}' department`)).toEqual({ value: { value: 'engineering' } });
    expect(await run(`BLOB META GET '${id}' nothing`)).toEqual({ value: { value: '(not found)' } });
  });

  test('VERIFY tells a damaged artifact', async () => {
    const id = await put("'v.txt' 'to be verified'");
    expect(await run(`BLOB VERIFY '${id}'`)).toEqual({ value: { value: 'OK' } });
    await run(`UPDATE blob.chunk AS c SET data = set_byte(c.data, 3, get_byte(c.data, 3) # 1)
      FROM blob.artifact_chunk r WHERE r.artifact_id = '${id}' AND r.sha256 = c.sha256`);
    expect(await run(`BLOB VERIFY '${id}'`)).toEqual({ value: { value: 'INVALID' } });
    expect((await neumann.fault(`BLOB GET '${id}'`)).code).toBe('ARTIFACT_DAMAGED');
    expect((await run(`BLOB INFO '${id}'`)).artifact_info.id).toBe(id);
    // Whoever stores the same bytes again mends them: else what was just stored were damaged.
    const again = await put("'again.txt' 'to be verified'");
    for (const mended of [id, again]) {
      expect(await run(`BLOB VERIFY '${mended}'`)).toEqual({ value: { value: 'OK' } });
      expect(await text(mended)).toBe('to be verified');
    }
  });

  test('DELETE, GC, REPAIR and STATS', async () => {
    const id = await put("'gone.txt' 'nobody else has these bytes'");
    expect(await run(`BLOB DELETE '${id}'`)).toEqual({ empty: {} });
    expect((await neumann.fault(`BLOB GET '${id}'`)).code).toBe('ARTIFACT_NOT_FOUND');
    const collected = (await run('BLOB GC FULL')).value.value;
    expect(collected).toMatch(/^Deleted \d+ chunks, freed \d+ bytes$/);
    expect((await run('BLOB GC')).value.value).toBe('Deleted 0 chunks, freed 0 bytes');
    expect((await run('BLOB REPAIR')).value.value).toBe('Fixed 0 refs, deleted 0 orphans');
    const twice = "'same.txt' 'the same bytes twice'";
    await put(twice);
    await put(twice);
    const { blob_stats: stats } = await run('BLOB STATS');
    expect(Number(stats.total_bytes)).toBeGreaterThan(Number(stats.unique_bytes));
    expect(Number(stats.dedup_ratio)).toBeCloseTo(
      1 - Number(stats.unique_bytes) / Number(stats.total_bytes),
      9,
    );
    expect(await run('BLOB INIT')).toEqual({ value: { value: 'Blob store already initialized' } });
  });

  test.each([
    ['BLOB GET', ''],
    ['BLOB INFO', ''],
    ['BLOB DELETE', ''],
    ['BLOB LINKS', ''],
    ['BLOB VERIFY', ''],
    ['BLOB TAG', "'t'"],
    ['BLOB UNTAG', "'t'"],
    ['BLOB LINK', "TO 'e'"],
    ['BLOB UNLINK', "FROM 'e'"],
    ['BLOB META SET', 'k v'],
    ['BLOB META GET', 'k'],
    ['BLOBS SIMILAR TO', ''],
  ])('%s of an unknown artifact', async (form, rest) => {
    for (const id of [MISSING, 'no-id']) {
      expect(await neumann.fault(`${form} '${id}' ${rest}`)).toMatchObject({
        code: 'ARTIFACT_NOT_FOUND',
        message: `artifact not found: ${id}`,
      });
    }
  });

  test('bad input', async () => {
    const codes = async (statement: string): Promise<string> => (await neumann.fault(statement)).code;
    expect(await codes("BLOB PUT '' 'x'")).toBe('INVALID_PARAMETER');
    expect(await codes(`BLOB PUT 'x' 'x' TAG '${'t'.repeat(5_000)}'`)).toBe('INVALID_PARAMETER');
    expect(await codes("BLOB PUT 'x' FROM '/etc/passwd'")).toBe('FEATURE_NOT_SUPPORTED');
    expect(await codes(`BLOB GET '${MISSING}' TO '/tmp/x'`)).toBe('FEATURE_NOT_SUPPORTED');
    expect(await codes("BLOB PUT 'x'")).toBe('INVALID_STATEMENT');
  });

  test('who may only read stores nothing', async () => {
    const reader: CallOptions = { name: 'eve', role: 'read' };
    const id = await put("'r.txt' 'read me'");
    expect(await text(id, reader)).toBe('read me');
    expect((await neumann.fault("BLOB PUT 'a' 'b'", reader)).code).toBe('FORBIDDEN');
    expect((await neumann.fault(`BLOB DELETE '${id}'`, reader)).code).toBe('FORBIDDEN');
  });

  test('a stream goes chunk by chunk, at the pace of its reader', async () => {
    const content = 'a line of some length that makes an artifact of several chunks\n'.repeat(50_000);
    const { artifact } = await neumann.dispatch.call(
      blobPut,
      { filename: 'large.txt', bytes: Buffer.from(content) },
      neumann.callOf().session,
    );
    const id = artifact.artifactId;
    const pieces = (await neumann.chunks(`BLOB GET '${id}'`)).map(({ blob_data: data }) =>
      Buffer.from(String(data), 'base64'),
    );
    expect(pieces.length).toBeGreaterThan(1);
    expect(Buffer.concat(pieces).toString()).toBe(content);
    const items = await streamStatement(`BLOB GET '${id}'`, neumann.callOf());
    for await (const _ of items) break;
    expect(await text(id)).toBe(content);
  });
});

describe('BLOBS', () => {
  test('by name, id, tag, link and type, with pages', async () => {
    const alone = await openNeumann();
    try {
      const made: string[] = [];
      for (const rest of [
        "'a-1.txt' '1' TYPE 'text/plain' TAG 'odd' LINK 'ship:1'",
        "'a-2.log' '2' TYPE 'text/plain' TAG 'even' LINK 'ship:1', 'ship:2'",
        "'b-3.txt' '3' TYPE 'image/png' TAG 'odd'",
      ]) {
        made.push(String((await alone.run(`BLOB PUT ${rest}`)).value.value));
      }
      const [one = '', two = '', three = ''] = made;
      const list = async (statement: string): Promise<unknown> =>
        (await alone.run(statement)).artifact_list.artifact_ids ?? [];
      expect(await list('BLOBS')).toEqual(made);
      expect(await list('BLOBS LIMIT 1 OFFSET 1')).toEqual([two]);
      expect(await list('BLOBS LIMIT 0')).toEqual([]);
      expect(await list('BLOBS OFFSET 3')).toEqual([]);
      expect(await list("BLOBS 'a-'")).toEqual([one, two]);
      expect(await list(`BLOBS '${three.slice(0, 13)}'`)).toEqual([three]);
      expect(await list("BLOBS '*.txt'")).toEqual([one, three]);
      expect(await list("BLOBS '*.txt' LIMIT 1 OFFSET 1")).toEqual([three]);
      expect(await list("BLOBS 'a-*.*'")).toEqual([one, two]);
      expect(await list("BLOBS 'a-1.txt*txt'")).toEqual([]);
      expect(await list("BLOBS '100%'")).toEqual([]);
      expect(await list("BLOBS BY TAG 'odd'")).toEqual([one, three]);
      expect(await list("BLOBS FOR 'ship:2'")).toEqual([two]);
      expect(await list("BLOBS WHERE TYPE = 'text/plain' LIMIT 5")).toEqual([one, two]);
      expect(await list("BLOBS BY TAG 'none'")).toEqual([]);
    } finally {
      await alone.stop();
    }
  });

  test('a beginning that fits names and ids lists both, in the order of age, each once', async () => {
    const id = await put("'first.txt' '1'");
    const beginning = id.slice(0, 8);
    const named = await put(`'${beginning}.txt' '2'`);
    expect(await ids(`BLOBS '${beginning}'`)).toEqual([id, named]);
    expect(await ids(`BLOBS '${beginning}' OFFSET 1`)).toEqual([named]);
  });

  test('SIMILAR TO asks for the embeddings under the ids, without those of deleted artifacts', async () => {
    const [one, two, three] = [await put("'1' '1'"), await put("'2' '2'"), await put("'3' '3'")];
    await run(`EMBED STORE '${one}' [1, 0] INTO artifacts`);
    await run(`EMBED STORE '${two}' [0.9, 0.1] INTO artifacts`);
    await run(`EMBED STORE '${three}' [0, 1] INTO artifacts`);
    await run("EMBED STORE 'no artifact' [1, 0] INTO artifacts");
    const similar = async (rest: string): Promise<unknown[]> =>
      (await run(`BLOBS SIMILAR TO '${one}' ${rest}`)).similar.items.map(({ key }: { key: unknown }) => key);
    expect(await similar('')).toEqual([two, three]);
    expect(await similar('LIMIT 1')).toEqual([two]);
    await run(`BLOB DELETE '${two}'`);
    expect(await similar('LIMIT 1')).toEqual([three]);
    const without = await put("'4' '4'");
    expect((await neumann.fault(`BLOBS SIMILAR TO '${without}'`)).code).toBe('EMBEDDING_NOT_FOUND');
    expect((await neumann.fault(`BLOBS SIMILAR TO '${one}' LIMIT 0`)).code).toBe('INVALID_STATEMENT');
  });
});

test('within a transaction all of it is undone together, or kept', async () => {
  const call = neumann.callOf();
  const within = async (end: typeof transactionCommit | typeof transactionRollback): Promise<string> => {
    const { txnId } = await neumann.dispatch.call(transactionBegin, {}, call.session);
    const inside: CallOptions = { transactionId: txnId };
    const id = await put("'t.txt' 'in a transaction' TAG 'txn'", inside);
    await run(`BLOB LINK '${id}' TO 'ship:9'`, inside);
    expect(await text(id, inside)).toBe('in a transaction');
    expect(await ids("BLOBS 't.t'", inside)).toEqual([id]);
    expect((await neumann.fault(`BLOB INFO '${id}'`)).code).toBe('ARTIFACT_NOT_FOUND');
    await neumann.dispatch.call<{ txnId: string }, unknown>(end, { txnId }, call.session);
    return id;
  };
  const gone = await within(transactionRollback);
  expect((await neumann.fault(`BLOB INFO '${gone}'`)).code).toBe('ARTIFACT_NOT_FOUND');
  const kept = await within(transactionCommit);
  expect(await ids("BLOBS FOR 'ship:9'")).toEqual([kept]);
  const { rows } = await neumann.dispatch.call(
    sqlQuery,
    { sql: `SELECT filename FROM blob.artifacts WHERE id = '${kept}'` },
    neumann.callOf().session,
  );
  expect(rows).toEqual([['t.txt']]);
});
