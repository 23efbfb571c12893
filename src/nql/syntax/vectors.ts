/** Vectors as statements write them. Whether one fits a collection is found out where that is known. */
import { LIMITS } from '../../base/index.ts';
import { type Clause, clause, readClauses } from './clauses.ts';
import { type Key, keyWithColons, type Name, nameOrText } from './names.ts';
import type { Reader } from './reader.ts';
import type { Span } from './span.ts';
import { signedNumber } from './values.ts';

export interface Vector {
  /** At least one, all finite. */
  readonly components: readonly number[];
  readonly span: Span;
}

/** What something is to be similar to. */
export type Likeness =
  | { readonly by: 'key'; readonly key: Key }
  | { readonly by: 'vector'; readonly vector: Vector };

const component = (reader: Reader): number => Number(signedNumber(reader, 'a number'));

/** `[0.1, -2]` */
export function vector(reader: Reader): Vector {
  const { start } = reader.token;
  reader.expect('[', 'a vector: ');
  const components = reader.list(
    ']',
    () => component(reader),
    LIMITS.nqlVectorComponentsMax,
    'nqlVectorComponentsMax',
  );
  const span = reader.spanFrom(start);
  if (components.length === 0)
    throw reader.invalid(span, 'The vector is empty', 'A vector has at least one component.');
  return { components, span };
}

/** Also without brackets: `0.1, -2` */
export function bareVector(reader: Reader): Vector {
  if (reader.is('[')) return vector(reader);
  const { start } = reader.token;
  const components = [component(reader)];
  while (reader.accept(',')) {
    if (components.length === LIMITS.nqlVectorComponentsMax) {
      throw reader.error(
        'LIMIT_EXCEEDED',
        reader.token,
        `The vector has more than ${LIMITS.nqlVectorComponentsMax} components (nqlVectorComponentsMax)`,
      );
    }
    components.push(component(reader));
  }
  return { components, span: reader.spanFrom(start) };
}

export function likeness(reader: Reader): Likeness {
  if (reader.is('[')) return { by: 'vector', vector: vector(reader) };
  return { by: 'key', key: keyWithColons(reader, 'a vector or the key of one') };
}

/** `IN c` or `INTO c` */
export const collectionClause = (reader: Reader, read: (collection: Name) => void): Clause =>
  clause('IN', () => read(nameOrText(reader, 'a collection')), ['INTO']);

/** The same as all that follows, if anything does. */
export function finalCollection(reader: Reader): Name | undefined {
  let collection: Name | undefined;
  readClauses(reader, [
    collectionClause(reader, (found) => {
      collection = found;
    }),
  ]);
  return collection;
}

/** `EMBEDDING [v, …]` */
export const embeddingClause = (reader: Reader, read: (embedding: Vector) => void): Clause =>
  clause('EMBEDDING', () => read(vector(reader)));
