/**
 * How restore points are written down: each is a database, its name says in which state it is, and its comment which
 * namespace it is of. So there is no table beside that could say something else after a crash.
 *
 *   facet-rp-<id>      a restore point
 *   facet-rpnew-<id>   a copy that is being made: left over after a crash, nothing depends on it
 *   facet-rpold-<id>   what a rollback has put in its place, until it is dropped
 *
 * Namespaces cannot have such names, for those have no hyphens.
 */
import { FacetError, randomHex } from '../../base/index.ts';

export type PointState = 'rp' | 'rpnew' | 'rpold';

/** Bytes of the longest name of a database. */
const NAME_BYTES_MAX = 63;
/** Of the id, in hexadecimal digits. */
const ID_BYTES = 6;

const ID = /^rp_([0-9a-f]{12})$/;

/** What the comment of a restore point says. */
export interface PointNote {
  readonly namespace: string;
  readonly name: string;
  readonly createdAtMs: number;
}

/** `rp_` and 12 hexadecimal digits. */
export const newPointId = (): string => `rp_${randomHex(ID_BYTES)}`;

/** `beginning` is the name of the default namespace's database. @throws RESTORE_POINT_UNSUPPORTED */
export function databaseOfPoint(beginning: string, state: PointState, id: string): string {
  const name = `${beginning}-${state}-${ID.exec(id)?.[1] ?? ''}`;
  if (Buffer.byteLength(name) <= NAME_BYTES_MAX) return name;
  throw new FacetError(
    'RESTORE_POINT_UNSUPPORTED',
    `The name of the database ${beginning} is too long for restore points`,
    { hint: `Its name and '-rpnew-' with 12 digits have at most ${NAME_BYTES_MAX} bytes.` },
  );
}

/** Undefined for what is no restore point. */
export function pointIdOf(beginning: string, database: string): string | undefined {
  const digits = database.startsWith(`${beginning}-rp-`) ? database.slice(beginning.length + 4) : '';
  return ID.test(`rp_${digits}`) ? `rp_${digits}` : undefined;
}

export const noteText = (note: PointNote): string => JSON.stringify(note);

/** Undefined when somebody else has written the comment. */
export function parseNote(text: string | null | undefined): PointNote | undefined {
  try {
    const { namespace, name, createdAtMs } = JSON.parse(text ?? '') as Partial<PointNote>;
    const good = typeof namespace === 'string' && typeof name === 'string' && typeof createdAtMs === 'number';
    return good ? { namespace, name, createdAtMs } : undefined;
  } catch {
    return undefined;
  }
}
