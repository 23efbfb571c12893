/**
 * Functions and triggers of Facet's own schemas must not make every session of users suspect, and must be no way around
 * the suspicion either: each case below the first block is an attack, or what a user may well do.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command } from '../../src/engine/command.ts';
import { type FunctionCatalog, readFunctionCatalog } from '../../src/engine/function-catalog.ts';
import type { Database } from '../../src/engine/index.ts';
import { Router } from '../../src/engine/routing.ts';
import { probe } from '../../src/engine/server-access.ts';
import type { Session } from '../../src/engine/session.ts';
import { FINGERPRINT, shippedFunctions } from '../../src/engine/shipped-functions.ts';
import { openTestStore, superuserTarget, type TestStore } from '../support/test-store.ts';

let test: TestStore;
let database: Database;
let session: Session;
beforeAll(async () => {
  // One connection: the next statement gets the session of the last.
  test = await openTestStore({ poolConnections: 1 });
  database = test.database;
  await database.runUser('CREATE TABLE item (id int PRIMARY KEY, name text)');
  session = await probe({ ...superuserTarget(), user: 'facet' }, test.name);
});
afterAll(async () => {
  await session.close();
  await test.close();
});

/** What is thought of the database after `sql`, which is undone. */
async function catalogAfter(sql: string): Promise<FunctionCatalog> {
  try {
    await command(session, `BEGIN; SET LOCAL check_function_bodies = off; ${sql}`);
    return await readFunctionCatalog(session);
  } finally {
    await command(session, 'ROLLBACK');
  }
}

const hidden = (catalog: FunctionCatalog): string =>
  catalog.hiddenInReads ? 'reads' : catalog.hiddenInWrites ? 'writes' : 'nowhere';

const EVIL = `PERFORM set_config('search_path', 'poison,public', false)`;
const SET = `set_config('search_path', 'poison,public', false)`;

describe('a database with nothing but what was shipped', () => {
  it('has the functions of the generated file, which `npm run gen` writes', async () => {
    const others = await test.admin(
      `SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.oid >= 16384 AND p.prosqlbody IS NULL
         AND p.prolang IN (SELECT oid FROM pg_language WHERE lanname IN ('sql', 'plpgsql'))
         AND p.pronamespace <> 'facet_system'::regnamespace AND NOT ${FINGERPRINT} = ANY ($1::text[])`,
      [shippedFunctions()],
    );
    expect(others).toEqual([]);
  });

  it('hides no code', async () => {
    expect(hidden(await catalogAfter(''))).toBe('nowhere');
  });

  it.each([
    ['SELECT name FROM item WHERE id = $1', true, true],
    ['SELECT * FROM kv.strings', true, true],
    ['INSERT INTO item VALUES (1)', false, true],
    [`DELETE FROM kv.entry WHERE key = 'k'`, false, true],
    [`SELECT kv.hset('k', NULL, 'f', '1', false)`, false, false],
    [`SELECT hset('k', NULL, 'f', '1', false)`, false, false],
    [`SELECT "kv" . "hset"('k', NULL, 'f', '1', false)`, false, false],
    ['SELECT kv.score_plus(1, 2)', false, false],
    ['SELECT * FROM kv.sweep_garbage(1, 1)', false, false],
    [`SELECT graph.check_stored('node', '${SET.replaceAll("'", "''")} = 1', 'c')`, false, false],
  ])('%s: on the read lane %s, leaves nothing %s', async (sql, provenRead, leavesNothing) => {
    const router = new Router();
    router.useCatalog(await catalogAfter(''));
    const route = router.route(sql);
    expect([router.provenRead(route), router.leavesNothing(route)]).toEqual([provenRead, leavesNothing]);
  });

  it('may change its schema by functions that run their arguments, and by no other statement', async () => {
    const router = new Router();
    router.useCatalog(await catalogAfter(''));
    const mayRunDdl = (sql: string): boolean => router.mayRunDdl(router.route(sql));
    expect(mayRunDdl(`SELECT graph.check_stored('node', 'false); DROP VIEW v; SELECT (false', 'c')`)).toBe(
      true,
    );
    expect(mayRunDdl('INSERT INTO item VALUES (1)')).toBe(false);
    expect(mayRunDdl('SELECT count(*) FROM item')).toBe(false);
  });
});

/** A function that has the body of a shipped one. */
const sameBody = (name: string, returns: string): string =>
  `DO $do$ DECLARE d text; BEGIN SELECT pg_get_functiondef('kv.note_garbage()'::regprocedure) INTO d;
   EXECUTE replace(replace(d, 'kv.note_garbage()', '${name}'), 'RETURNS trigger', 'RETURNS ${returns}');
   END $do$`;

describe('code is suspected', () => {
  it.each([
    // Replaced by the role that owns it.
    [
      'a replaced function of views',
      'reads',
      `CREATE OR REPLACE FUNCTION kv.live(expires_at timestamptz) RETURNS boolean LANGUAGE plpgsql STABLE AS
       $$ BEGIN ${EVIL}; RETURN true; END $$`,
    ],
    [
      'the same with a stored tree',
      'reads',
      `CREATE OR REPLACE FUNCTION kv.live(expires_at timestamptz) RETURNS boolean LANGUAGE sql STABLE
       RETURN ${SET} IS NOT NULL`,
    ],
    [
      'the replaced function of the indexes',
      'reads',
      `CREATE OR REPLACE FUNCTION kv.element_key(element text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS
       $$ BEGIN ${EVIL}; RETURN element; END $$`,
    ],
    [
      'a replaced trigger function',
      'writes',
      `CREATE OR REPLACE FUNCTION kv.tell_change() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN ${EVIL}; RETURN NULL; END $$`,
    ],
    [
      'a shipped function with a setting',
      'writes',
      `ALTER FUNCTION kv.tell_change() SET search_path = poison`,
    ],
    ['a shipped function with other rights', 'writes', 'ALTER FUNCTION kv.tell_change() SECURITY DEFINER'],
    ['a shipped function that moved', 'writes', 'ALTER FUNCTION kv.tell_change() SET SCHEMA public'],
    ['a shipped function that was renamed', 'writes', 'ALTER FUNCTION kv.tell_change() RENAME TO told'],
    ['the same body in another schema', 'writes', sameBody('public.note_garbage()', 'trigger')],
    ['the same body with other arguments', 'writes', sameBody('kv.note_garbage(int)', 'int')],
    [
      'a replaced view',
      'reads',
      `CREATE OR REPLACE VIEW kv.keys AS SELECT ${SET} COLLATE "C" AS key, NULL::text AS type, NULL::timestamptz AS expires_at`,
    ],
    // Shipped functions where users put them.
    [
      'a view that calls a shipped function',
      'reads',
      `CREATE VIEW v AS SELECT kv.hset('k', NULL, 'f', '1', false)`,
    ],
    ['a view that calls a shipped aggregate', 'reads', 'CREATE VIEW v AS SELECT kv.score_sum(id) FROM item'],
    [
      'a view over an aggregate over a shipped function',
      'reads',
      'CREATE AGGREGATE pile(float8) (sfunc = kv.score_plus, stype = float8); CREATE VIEW v AS SELECT pile(id) FROM item',
    ],
    [
      'a default that calls one',
      'writes',
      'ALTER TABLE item ADD COLUMN n int; ALTER TABLE item ALTER n SET DEFAULT kv.score_plus(1, 2)',
    ],
    ['a check that calls one', 'reads', 'ALTER TABLE item ADD CHECK (kv.score_plus(id, 2) > 0)'],
    ['an index over constants', 'reads', 'CREATE INDEX ON item (kv.score_plus(1, 2))'],
    [
      'an operator',
      'reads',
      'CREATE OPERATOR #+ (FUNCTION = kv.score_plus, LEFTARG = float8, RIGHTARG = float8)',
    ],
    [
      'a function of a tree that runs its argument',
      'writes',
      `CREATE FUNCTION format(a text, b bigint) RETURNS void LANGUAGE sql BEGIN ATOMIC SELECT graph.check_stored('node', a, a); END`,
    ],
    [
      'a function of a tree with a default',
      'writes',
      `CREATE FUNCTION f(a text, b text DEFAULT ${SET}) RETURNS text LANGUAGE sql RETURN a`,
    ],
    [
      'a function of a row',
      'reads',
      `CREATE FUNCTION f(a item, b int DEFAULT 1) RETURNS text LANGUAGE plpgsql AS $$ BEGIN ${EVIL}; RETURN a; END $$`,
    ],
    // Triggers.
    [
      'a trigger of users on a shipped table',
      'writes',
      `CREATE FUNCTION evil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${EVIL}; RETURN NULL; END $$;
       CREATE TRIGGER t AFTER INSERT ON kv.entry FOR EACH ROW EXECUTE FUNCTION evil()`,
    ],
    [
      'the condition of a trigger with a shipped function',
      'writes',
      `CREATE TRIGGER t AFTER INSERT ON kv.entry FOR EACH ROW WHEN (${SET} IS NOT NULL) EXECUTE FUNCTION kv.note_garbage()`,
    ],
    [
      'the condition of a trigger with a builtin function',
      'writes',
      `CREATE TRIGGER t BEFORE UPDATE ON item FOR EACH ROW WHEN (${SET} IS NOT NULL) EXECUTE FUNCTION suppress_redundant_updates_trigger()`,
    ],
    [
      'a condition that calls a shipped function',
      'writes',
      `CREATE TRIGGER t AFTER INSERT ON item FOR EACH ROW WHEN (graph.check_stored('node', '${SET.replaceAll("'", "''")} = 1', 'c') IS NULL) EXECUTE FUNCTION kv.note_garbage()`,
    ],
    [
      'a trigger that runs its argument',
      'writes',
      `CREATE TRIGGER t AFTER INSERT ON graph.node FOR EACH ROW EXECUTE FUNCTION graph.recheck('${SET.replaceAll("'", "''")} = 1')`,
    ],
  ])('%s: in %s', async (_, where, sql) => {
    expect(hidden(await catalogAfter(sql))).toBe(where);
  });

  it.each([
    [
      'a view over views',
      'CREATE VIEW v AS SELECT s.key, h.field FROM kv.strings s JOIN kv.hashes h USING (key)',
    ],
    [
      'a shipped trigger function on a table of users',
      'CREATE TRIGGER t AFTER DELETE ON item FOR EACH ROW EXECUTE FUNCTION stream.note_garbage()',
    ],
    ['the same name with a harmless tree', 'CREATE FUNCTION live(a int) RETURNS int LANGUAGE sql RETURN a'],
    ['an index like the shipped ones', 'CREATE INDEX ON item (kv.element_key(name))'],
  ])('but not %s', async (_, sql) => {
    expect(hidden(await catalogAfter(sql))).toBe('nowhere');
  });
});

describe('the next session is not poisoned', () => {
  const path = async (): Promise<unknown> => (await database.runUser('SHOW search_path')).rows[0]?.[0];
  /** The catalog is read a moment after DDL; until then nothing is taken for safe, which would hide a wrong catalog. */
  const settled = (): Promise<void> => sleep(300);

  it.each([
    [
      'a replaced trigger function',
      [
        `INSERT INTO stream.room (name) VALUES ('r')`,
        `CREATE OR REPLACE FUNCTION stream.note_garbage() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN ${EVIL}; RETURN NULL; END $$`,
      ],
      'DELETE FROM stream.room',
    ],
    [
      'a condition',
      [
        `INSERT INTO item VALUES (1, 'a')`,
        `CREATE TRIGGER t BEFORE UPDATE ON item FOR EACH ROW WHEN (${SET} IS NOT NULL)
         EXECUTE FUNCTION suppress_redundant_updates_trigger()`,
      ],
      `UPDATE item SET name = 'b'`,
    ],
    [
      'an argument of a trigger',
      [
        'CREATE TABLE graph.mine (id int)',
        `CREATE TRIGGER t AFTER INSERT ON graph.mine FOR EACH ROW
         EXECUTE FUNCTION graph.recheck('${SET.replaceAll("'", "''")} = ''''')`,
      ],
      'INSERT INTO graph.mine VALUES (1)',
    ],
  ])('by %s', async (_, attack, sql) => {
    for (const statement of attack) await database.runUser(statement);
    await settled();
    await database.runUser(sql);
    expect(await path()).toBe('public, vector');
    await database.runUser('DROP TRIGGER IF EXISTS t ON item');
  });

  it('by a view that a shipped function replaced', async () => {
    await database.runUser('CREATE VIEW shifting AS SELECT 1::text AS a');
    await settled();
    for (let n = 0; n < 6; n++) await database.runUser('SELECT * FROM shifting', [], { readOnly: true });
    const shift = `false); CREATE OR REPLACE VIEW public.shifting AS SELECT ${SET} AS a; SELECT (false`;
    await database.runUser(`SELECT graph.check_stored('node', $1, 'c')`, [shift]).catch(() => undefined);
    for (let n = 0; n < 6; n++) await database.runUser('SELECT * FROM shifting', [], { readOnly: true });
    await settled();
    for (let n = 0; n < 6; n++) {
      const seen = await database.runUser(`SELECT current_setting('search_path')`, [], { readOnly: true });
      expect(seen.rows).toEqual([['public, vector']]);
    }
  });
});
