/** Which kinds of changes a subscriber wants. Pure. */
import { FacetError } from '../../base/index.ts';
import type { RowOperation } from './row-change.ts';

export const ROW_OPERATIONS: readonly RowOperation[] = ['insert', 'update', 'delete'];

/** The kinds of `asked`, each once; all when nothing was asked for. @throws INVALID_EVENT */
export function rowOperations(asked: readonly string[] | undefined): readonly RowOperation[] {
  if (asked === undefined) return ROW_OPERATIONS;
  if (asked.length === 0) {
    throw new FacetError('INVALID_EVENT', `'events' is empty: name some of ${ROW_OPERATIONS.join(', ')}`);
  }
  const known = new Set<RowOperation>();
  for (const event of asked) {
    const operation = ROW_OPERATIONS.find((name) => name === event);
    if (operation === undefined) {
      throw new FacetError(
        'INVALID_EVENT',
        `'${event.slice(0, 40)}' is no event: expected ${ROW_OPERATIONS.join(', ')}`,
      );
    }
    known.add(operation);
  }
  return [...known];
}
