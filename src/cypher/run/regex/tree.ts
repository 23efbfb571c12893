/** A regular expression as a tree, and the error of one that cannot be read. */
import { argumentError, type CypherError } from '../../cypher-error.ts';

/** By code point. */
export type CharacterTest = (character: number) => boolean;

/** Whether a place between two characters will do; -1 stands for the start and for the end of the text. */
export type PlaceTest = (before: number, after: number, isLastLine: boolean) => boolean;

export type Regex =
  | { readonly kind: 'character'; readonly test: CharacterTest }
  | { readonly kind: 'place'; readonly test: PlaceTest }
  | { readonly kind: 'sequence'; readonly parts: readonly Regex[] }
  | { readonly kind: 'choice'; readonly options: readonly Regex[] }
  | { readonly kind: 'repeat'; readonly of: Regex; readonly min: number; readonly max: number };

export const EMPTY: Regex = { kind: 'sequence', parts: [] };

/** Enough of a pattern for a message. */
const SHOWN_CHARACTERS = 60;

export const shownRegex = (pattern: string): string =>
  pattern.length <= SHOWN_CHARACTERS ? `'${pattern}'` : `'${pattern.slice(0, SHOWN_CHARACTERS)}…'`;

export const badRegex = (pattern: string, why: string): CypherError =>
  argumentError('InvalidArgumentValue', `the regular expression ${shownRegex(pattern)} ${why}`);
