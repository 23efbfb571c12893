/** The indexes by which nodes of entities are found by their keys: made when they are needed first. */
import { LIMITS, monotonicMs } from '../../../base/index.ts';
import { byLabel, ENTITY_KEY } from '../entity-key.ts';
import type { StatementCall } from '../statement-call.ts';
import { askCypher, askSql, together } from './asking.ts';
import { cypherName } from './condition-cypher.ts';

/** Milliseconds: longer than statements take that commit by themselves. */
const LOCK_MS = 200;

/** The label of an index that has the nodes of all labels. */
const ALL_NODES = '';

/** Until when labels are not looked at again, by namespace and label. */
const KNOWN_UNTIL_MS = new WeakMap<object, Map<string, number>>();

/**
 * Makes the indexes by which nodes of these labels are found by key. It does without when that is not possible now, and
 * when there are many already, for keys that begin with ever different words: everything works as well, only slower.
 * Not within a transaction of the caller, whose own writes would be in its way.
 */
export async function indexKeys(call: StatementCall, keys: readonly string[]): Promise<void> {
  const { session, dispatch } = call;
  if (session.transactionId !== undefined) return;
  const known = KNOWN_UNTIL_MS.get(dispatch.store) ?? new Map<string, number>();
  KNOWN_UNTIL_MS.set(dispatch.store, known);
  const namespace = session.principal?.namespace ?? session.namespace ?? '';
  const now = monotonicMs();
  const labels = [...byLabel(keys).keys()].filter(
    (label) => !((known.get(`${namespace} ${label}`) ?? 0) > now),
  );
  if (labels.length === 0) return;
  if (known.size + labels.length > LIMITS.nqlEntityLabelsKnownMax) known.clear();
  for (const label of labels) known.set(`${namespace} ${label}`, now + LIMITS.nqlEntityIndexKnownMs);
  await makeIndexes({ ...call, session: { ...session, partial: true } }, labels).catch(() => undefined);
}

async function makeIndexes(call: StatementCall, labels: readonly string[]): Promise<void> {
  const { columns, rows } = await askCypher(call, 'SHOW INDEXES');
  const [entity = -1, label = -1, properties = -1] = ['entityType', 'labelsOrTypes', 'properties'].map(
    (name) => columns.indexOf(name),
  );
  const indexed = new Set(
    rows
      .filter((row) => row[entity] === 'NODE' && String(row[properties]) === ENTITY_KEY)
      .map((row) => String(row[label])),
  );
  if (indexed.has(ALL_NODES)) return;
  for (const missing of labels.filter((one) => !indexed.has(one))) {
    if (indexed.size >= LIMITS.nqlEntityIndexesMax) return;
    await together(call, async (inside) => {
      // Whoever writes nodes next waits behind this, so it does not wait long for those who have written some.
      await askSql(inside, `SET LOCAL lock_timeout = ${LOCK_MS}`);
      await askCypher(
        inside,
        `CREATE INDEX IF NOT EXISTS FOR (n:${cypherName(missing)}) ON (n.${ENTITY_KEY})`,
      );
    });
    indexed.add(missing);
  }
}
