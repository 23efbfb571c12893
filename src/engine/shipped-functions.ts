/**
 * Which functions of a database are those that the migrations made, unchanged: told by a fingerprint of all that says
 * what they do, never by their names or their owner, because the namespace's role may replace them. The fingerprints
 * are generated from a freshly migrated store, so nothing in a database has to be believed.
 *
 * Functions whose body is stored as a tree have none: a tree is looked into, see function-catalog.ts.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { arrayLiteral } from './array-literal.ts';

const FILE = fileURLToPath(new URL('./migrations/functions.json', import.meta.url));

/**
 * SQL: SHA-256 in hexadecimal of the function in the row `p` of pg_proc. The same on every version and whatever the
 * search path is.
 */
export const FINGERPRINT = `(
  SELECT encode(sha256(convert_to(jsonb_build_array(
    n.nspname::text, p.proname::text, l.lanname::text, p.prokind::text, p.provolatile::text, p.prosecdef, p.proisstrict,
    p.proretset, p.pronargdefaults, p.proconfig, p.proargnames, p.proargmodes::text[],
    (SELECT jsonb_agg(t.typnamespace::regnamespace::text || '.' || t.typname::text ORDER BY o)
     FROM unnest(p.prorettype || coalesce(p.proallargtypes, p.proargtypes::oid[])) WITH ORDINALITY AS a (type, o)
     JOIN pg_type t ON t.oid = a.type),
    p.prosrc)::text, 'UTF8')), 'hex')
  FROM pg_namespace n, pg_language l WHERE n.oid = p.pronamespace AND l.oid = p.prolang)`;

let fingerprints: string | undefined;

/** The fingerprints of this version's functions, as a literal of text[]. @throws when the generated file is missing. */
export function shippedFunctions(): string {
  if (fingerprints === undefined) {
    const byName: Readonly<Record<string, string>> = JSON.parse(readFileSync(FILE, 'utf8'));
    fingerprints = arrayLiteral(Object.values(byName));
  }
  return fingerprints;
}
