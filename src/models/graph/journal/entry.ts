/**
 * What an entry says: the query, its parameters and, as one more parameter, what the query did. The number stands before
 * that and the time behind it, both put there by PostgreSQL when the entry is appended (graph.journal_append); what is
 * made here is the part between, the *body*.
 */
import { FacetError, LIMITS } from '../../../base/index.ts';
import type { MapValue, Value } from '../../../cypher/index.ts';
import { type MapEntry, parametersOf, readJournalEntry, valueOfGraph } from '../../../strana/index.ts';
import { type Effect, effectOf, effectValue, parts } from '../effects.ts';
import { fieldsOf } from './entry-bytes.ts';

const EFFECTS = '__facet_effects';
/** The next entry is of the same transaction. */
const CONTINUES = '__facet_continues';
/** In place of a query: the graph has a past that is not in the journal. */
const BEGINS = '__facet_begins';

/** Parameters of a query that could be taken for ours have one more underscore in an entry. */
const OURS = /^__+facet_/;

export interface EntryContent {
  readonly sequence: number;
  readonly query: string;
  /**
   * Those of the query, under their own names; read when they are asked for.
   * @throws FacetError INVALID_VALUE for values that this version cannot read
   */
  readonly parameters: MapValue;
  /** Empty for commands on the schema: those are run again. */
  readonly effects: readonly Effect[];
  /** The next entry is of the same transaction. */
  readonly continues: boolean;
  /** The graph was not empty when the journal began, or was written while it was off. */
  readonly begins: boolean;
  readonly timestampMs: number;
}

/**
 * Bodies of the entries of one query, which are several when it did much: none is much larger than journalEntryBytes.
 * @throws FacetError INVALID_VALUE for parameters that no parameter can be
 */
export function bodiesOf(query: string, parameters: MapValue, effects: readonly Effect[]): Uint8Array[] {
  const pieces = inPieces(effects);
  const own = new Map<string, Value>();
  for (const [name, value] of parameters) own.set(OURS.test(name) ? `_${name}` : name, value);
  return pieces.map((piece, at) => {
    // Once is enough: entries behind the first one have only effects.
    const params: Map<string, Value> = at === 0 ? own : new Map();
    if (piece.length > 0) params.set(EFFECTS, piece.map(effectValue));
    return fieldsOf(at === 0 ? query : '', params);
  });
}

/** For the first entry of a journal over a graph that has a past. */
export const beginningBody = (): Uint8Array =>
  fieldsOf('// The journal begins here, over a graph that has a past', new Map([[BEGINS, true]]));

/** The body, marked: another entry of the same transaction follows. */
export const continued = (body: Uint8Array): Uint8Array => Buffer.concat([body, CONTINUED]);

const CONTINUED = fieldsOf('', new Map([[CONTINUES, true]]));

function inPieces(effects: readonly Effect[]): Effect[][] {
  const pieces: Effect[][] = [[]];
  let room = LIMITS.journalEntryBytes;
  for (const effect of effects) {
    for (const part of parts(effect, LIMITS.journalEntryBytes)) {
      const bytes = aboutBytes(part);
      if (bytes > room && pieces.at(-1)?.length !== 0) {
        pieces.push([]);
        room = LIMITS.journalEntryBytes;
      }
      pieces.at(-1)?.push(part);
      room -= bytes;
    }
  }
  return pieces;
}

function aboutBytes(effect: Effect): number {
  const { ids, what: _, ...lists } = effect as Effect & Record<string, readonly unknown[]>;
  let bytes = ids.length * 8;
  for (const list of Object.values(lists)) {
    for (const item of list) bytes += typeof item === 'string' ? item.length + 4 : 16;
  }
  return bytes;
}

/** @throws FacetError INVALID_VALUE for bytes that are no entry */
export function contentOf(payload: Uint8Array): EntryContent {
  const { sequence, query, params, timestampMs } = readJournalEntry(payload);
  const own: MapEntry[] = [];
  const ours = new Map<string, Value>();
  for (const param of params) {
    if (!OURS.test(param.key)) own.push(param);
    else if (param.key.startsWith('___')) own.push({ ...param, key: param.key.slice(1) });
    else ours.set(param.key, valueOfGraph(param.value));
  }
  const done = ours.get(EFFECTS);
  return {
    sequence: Number(sequence),
    query,
    get parameters() {
      return parametersOf(own);
    },
    effects: Array.isArray(done) ? (done as readonly Value[]).map(known) : [],
    continues: ours.get(CONTINUES) === true,
    begins: ours.get(BEGINS) === true,
    timestampMs: Number(timestampMs),
  };
}

function known(value: Value): Effect {
  const effect = effectOf(value);
  if (effect !== undefined) return effect;
  throw new FacetError(
    'INVALID_VALUE',
    'An entry says something of what its query did that this version does not know',
  );
}
