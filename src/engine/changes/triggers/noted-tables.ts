/**
 * Tables as the notes of triggers describe them, one object for each as long as nothing about it changes. A row of a
 * partition is told as one of the table that is watched: its columns may stand in another order there.
 */
import { FacetError } from '../../../base/index.ts';
import type { Cell } from '../../cell.ts';
import type { ChangedColumn, ChangedTable } from '../../change-contract.ts';
import { readRowText } from './row-text.ts';

export interface NotedTable {
  readonly table: ChangedTable;
  /** Cells in the order of `table.columns`. @throws CHANGES_UNAVAILABLE when it is no row of it */
  cells(row: string): readonly Cell[];
}

/** Descriptions that are remembered: those of tables that were altered or dropped are forgotten first. */
const NOTED_MAX = 10_000;

export class NotedTables {
  readonly #known = new Map<string, NotedTable>();
  /** By its text without the places: partitions of different layout are one table. */
  readonly #tables = new Map<string, ChangedTable>();

  /** `shape` as cdc.outbox_shape has it. @throws CHANGES_UNAVAILABLE for what is none */
  resolve(shape: string): NotedTable {
    const known = this.#known.get(shape);
    if (known !== undefined) return known;
    const noted = this.#make(shape);
    this.#known.set(shape, noted);
    forgetOldest(this.#known);
    return noted;
  }

  #make(shape: string): NotedTable {
    const { table, places } = readShape(shape);
    const key = JSON.stringify(table);
    const same = this.#tables.get(key) ?? table;
    this.#tables.set(key, same);
    forgetOldest(this.#tables);
    const inOrder = places.every((place, index) => place === index);
    const fields = Math.max(-1, ...places) + 1;
    return {
      table: same,
      cells: (row) => {
        const cells = readRowText(row);
        if (cells.length < fields) throw garbled(`a row of ${table.name} has ${cells.length} fields`);
        if (inOrder) return cells.length === fields ? cells : cells.slice(0, fields);
        return places.map((place) => cells[place] ?? null);
      },
    };
  }
}

function readShape(shape: string): { readonly table: ChangedTable; readonly places: readonly number[] } {
  const value: unknown = JSON.parse(shape);
  if (!Array.isArray(value)) throw garbled('a table has no description');
  const [oid, schema, name, list]: unknown[] = value;
  if (
    typeof oid !== 'number' ||
    typeof schema !== 'string' ||
    typeof name !== 'string' ||
    !Array.isArray(list)
  ) {
    throw garbled('a table has no name');
  }
  const columns: ChangedColumn[] = [];
  const places: number[] = [];
  for (const entry of list as unknown[]) {
    const [column, typeOid, typeModifier, key, place]: unknown[] = Array.isArray(entry) ? entry : [];
    if (
      typeof column !== 'string' ||
      typeof typeOid !== 'number' ||
      typeof typeModifier !== 'number' ||
      typeof place !== 'number'
    ) {
      throw garbled(`a column of ${name} has no type`);
    }
    columns.push({ name: column, typeOid, typeModifier, key: key === true });
    places.push(place);
  }
  return { table: { oid, schema, name, columns }, places };
}

function forgetOldest(map: Map<string, unknown>): void {
  const [oldest] = map.keys();
  if (map.size > NOTED_MAX && oldest !== undefined) map.delete(oldest);
}

const garbled = (what: string): FacetError =>
  new FacetError('CHANGES_UNAVAILABLE', `Noted changes cannot be read: ${what}`);
