/**
 * Durable consumers: rows of `cdc.consumer`, as the role of the namespace. Users of SQL can write them, so they are
 * believed only within their bounds: at worst a user of the namespace has a consumer of the namespace begin anew.
 */
import { FacetError, LIMITS } from '../../base/index.ts';
import type { Cell } from '../cell.ts';
import type { ChangeConsumer, Lsn } from '../change-contract.ts';
import type { Database, Statement } from '../contract.ts';
import { lsnText, parseLsn } from './lsn.ts';

const statement = (name: string, text: string): Statement => ({ name: `changes.${name}`, text });

const LIST = statement(
  'consumers',
  `SELECT name, position, sequence FROM cdc.consumer
   WHERE pg_catalog.left(name, pg_catalog.length($1)) = $1 ORDER BY name LIMIT ${LIMITS.changeConsumersMax}`,
);
const FIND = statement('consumer', 'SELECT name, position, sequence FROM cdc.consumer WHERE name = $1');
const makeAt = (nowSql: string): Statement =>
  statement(
    'consumer.make',
    `INSERT INTO cdc.consumer (name, position)
   SELECT $1, ${nowSql}
   WHERE (SELECT pg_catalog.count(*) FROM cdc.consumer) < ${LIMITS.changeConsumersMax}
   ON CONFLICT (name) DO NOTHING`,
  );
const ADVANCE = statement(
  'consumer.advance',
  `UPDATE cdc.consumer SET (position, sequence, advanced_at) = (
     SELECT ($2::pg_catalog.pg_lsn), $3::bigint, pg_catalog.now()
   ) WHERE name = $1 AND (position, sequence) < ($2::pg_catalog.pg_lsn, $3::bigint)`,
);
const resetAt = (nowSql: string): Statement =>
  statement(
    'consumer.reset',
    `UPDATE cdc.consumer SET position = ${nowSql}, sequence = 0, advanced_at = pg_catalog.now()
   WHERE name = $1 RETURNING name, position, sequence`,
  );
const FORGET = statement('consumer.forget', 'DELETE FROM cdc.consumer WHERE name = $1');
/** The slowest of those for whom everything is still there. */
const SLOWEST = statement(
  'consumer.slowest',
  `SELECT pg_catalog.count(*), pg_catalog.min(position) FILTER (WHERE position >= $1::pg_catalog.pg_lsn)
   FROM cdc.consumer`,
);

export class Consumers {
  readonly #database: Database;
  readonly #make: Statement;
  readonly #reset: Statement;

  /** `nowSql`: the position that new ones begin at, as SQL. */
  constructor(database: Database, nowSql: string) {
    this.#database = database;
    this.#make = makeAt(nowSql);
    this.#reset = resetAt(nowSql);
  }

  /** `first`: from where on changes are kept; undefined when they are not. */
  async list(prefix: string, first: Lsn | undefined): Promise<readonly ChangeConsumer[]> {
    const { rows } = await this.#database.run(LIST, [prefix], { reads: true });
    return rows.map((row) => consumerOf(row, first));
  }

  async find(name: string, first: Lsn | undefined): Promise<ChangeConsumer | undefined> {
    const { rows } = await this.#database.run(FIND, [checkName(name)], { reads: true });
    return rows[0] === undefined ? undefined : consumerOf(rows[0], first);
  }

  /** @throws LIMIT_EXCEEDED */
  async make(name: string, first: Lsn): Promise<ChangeConsumer> {
    await this.#database.run(this.#make, [checkName(name)]);
    const { rows } = await this.#database.run(FIND, [name]);
    if (rows[0] !== undefined) return consumerOf(rows[0], first);
    throw new FacetError(
      'LIMIT_EXCEEDED',
      `${LIMITS.changeConsumersMax} consumers follow the changes of this namespace, which is the most (changeConsumersMax)`,
    );
  }

  async advance(name: string, position: Lsn, sequence: number): Promise<boolean> {
    const { affected } = await this.#database.run(ADVANCE, [
      checkName(name),
      lsnText(position),
      String(sequence),
    ]);
    if (affected > 0) return true;
    // It stands there already, or further on, or nowhere.
    return (await this.find(name, undefined)) !== undefined;
  }

  async reset(name: string, first: Lsn): Promise<ChangeConsumer | undefined> {
    const { rows } = await this.#database.run(this.#reset, [checkName(name)]);
    return rows[0] === undefined ? undefined : consumerOf(rows[0], first);
  }

  async forget(name: string): Promise<boolean> {
    return (await this.#database.run(FORGET, [checkName(name)])).affected > 0;
  }

  /** How many there are, and the lowest position of those that stand at `first` or behind it. */
  async slowest(first: Lsn): Promise<{ readonly count: number; readonly position: Lsn | undefined }> {
    const { rows } = await this.#database.run(SLOWEST, [lsnText(first)], { reads: true });
    const [count, position] = rows[0] ?? [];
    return {
      count: Number(count ?? 0),
      position: position == null ? undefined : parseLsn(position, 'position'),
    };
  }
}

function consumerOf([name, position, sequence]: readonly Cell[], first: Lsn | undefined): ChangeConsumer {
  const at = parseLsn(position ?? '', 'position');
  return {
    name: name ?? '',
    position: at,
    sequence: Number(sequence),
    available: first !== undefined && at >= first,
  };
}

function checkName(name: string): string {
  if (name.length > 0 && name.length <= LIMITS.changeConsumerCharactersMax && !name.includes('\0'))
    return name;
  throw new FacetError(
    'INVALID_PARAMETER',
    `The name of a consumer has 1 to ${LIMITS.changeConsumerCharactersMax} characters`,
  );
}
