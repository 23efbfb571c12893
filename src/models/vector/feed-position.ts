/** Where the change feed stands, asked for by itself: where no statement that reads the table can tell. */
import { type ChangePositions, type Database, type Lsn, parseLsn, statement } from '../../engine/index.ts';

/** What the feed calls by that name, now. @throws UNAVAILABLE */
export async function positionNow(
  database: Database,
  which: keyof ChangePositions,
  signal: AbortSignal,
): Promise<Lsn> {
  const asking = statement(`vector.position.${which}`, `SELECT ${database.changes.positions[which]}`);
  const { rows } = await database.run(asking, [], { reads: true, signal });
  return parseLsn(rows[0]?.[0] ?? '', 'lsn');
}
