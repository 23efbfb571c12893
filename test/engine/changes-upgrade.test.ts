/** The event trigger that keeps followed tables whole comes to databases that were made before there was one. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { ignoreObservations } from '../../src/base/index.ts';
import { openStore, type Store } from '../../src/engine/index.ts';
import { query } from '../../src/engine/query.ts';
import { probe } from '../../src/engine/server-access.ts';

/** As the superuser of the store's own server. */
async function asSuperuser(store: Store, sql: string) {
  const record = await readFile(join(store.facts.dataDirectory ?? '', 'postgres', 'postmaster.pid'), 'utf8');
  const [, , , port, host = ''] = record.split('\n');
  const session = await probe(
    { hosts: [{ host, port: Number(port) }], user: 'postgres', tls: { first: false } },
    'facet',
  );
  try {
    return (await query(session, sql)).rows;
  } finally {
    await session.close();
  }
}

const TRIGGER = "SELECT evtenabled FROM pg_event_trigger WHERE evtname = 'facet_watch'";

const OLDER_TEXT = `CREATE OR REPLACE FUNCTION facet_system.watch_ddl() RETURNS event_trigger LANGUAGE plpgsql AS
  $body$ BEGIN END $body$`;

it('arrives with the next start, and new tables are followed from their first row', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'facet-test-'));
  const uri = pathToFileURL(join(directory, 'store')).href;
  try {
    let store = await openStore(uri, { observe: ignoreObservations });
    // As an earlier version has left it.
    await asSuperuser(store, 'DROP EVENT TRIGGER facet_watch');
    expect(await asSuperuser(store, TRIGGER)).toEqual([]);
    await store.stop();
    store = await openStore(uri, { observe: ignoreObservations });
    expect(await asSuperuser(store, TRIGGER)).toEqual([['O']]);
    // Or all of the triggers with older texts.
    await asSuperuser(store, OLDER_TEXT);
    await asSuperuser(store, 'COMMENT ON SCHEMA facet_system IS NULL');
    await store.stop();
    store = await openStore(uri, { observe: ignoreObservations });
    expect(await asSuperuser(store, TRIGGER)).toEqual([['O']]);
    const database = await store.namespace('default');
    await database.changes.watchAll();
    await database.runUser('CREATE TABLE fresh (id int)');
    const { rows } = await database.runUser(
      `SELECT relreplident, EXISTS (SELECT FROM pg_publication_rel WHERE prrelid = c.oid) FROM pg_class c
       WHERE relname = 'fresh'`,
    );
    expect(rows).toEqual([['f', 't']]);
    await store.stop();
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
