/**
 * Index types that another model builds than the one that is asked: creating an index is one operation, and models do
 * not know each other. Who offers types is put together in index.ts of this folder.
 */
import type { OperationContext } from './operation.ts';

export interface IndexOrder {
  readonly name: string;
  readonly table: string;
  readonly schema?: string | undefined;
  readonly columns: readonly string[];
  /** As asked for, in any case. */
  readonly type?: string | undefined;
  readonly options?: Readonly<Record<string, unknown>> | undefined;
  readonly unique?: boolean | undefined;
  readonly ifNotExists?: boolean | undefined;
}

export interface BuiltIndex {
  readonly name: string;
  readonly table: string;
  readonly type: string;
  readonly created: boolean;
  readonly buildTimeMs: number;
  /** What the type asked for is served by, where that is another structure. */
  readonly note?: string | undefined;
}

export interface IndexBuilder {
  /** In lower case. */
  readonly types: readonly string[];
  build(context: OperationContext, order: IndexOrder): Promise<BuiltIndex>;
}

const BUILDERS: IndexBuilder[] = [];

export function offerIndexes(builder: IndexBuilder): void {
  BUILDERS.push(builder);
}

export const builderOf = (type: string | undefined): IndexBuilder | undefined =>
  BUILDERS.find(({ types }) => types.includes((type ?? '').toLowerCase()));
