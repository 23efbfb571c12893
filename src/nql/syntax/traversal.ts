/** Which edges are followed, and which way. */
import { type Clause, clause } from './clauses.ts';
import { type Name, nameOrText } from './names.ts';
import type { Reader } from './reader.ts';

export type Direction = 'outgoing' | 'incoming' | 'both';

const DIRECTIONS: Readonly<Record<string, Direction>> = {
  OUTGOING: 'outgoing',
  INCOMING: 'incoming',
  BOTH: 'both',
  OUT: 'outgoing',
  IN: 'incoming',
};

const WORDS = Object.keys(DIRECTIONS);

/** `OUTGOING`, `INCOMING`, `BOTH`, `OUT` or `IN`, perhaps behind DIRECTION. */
export const directionClause = (reader: Reader, read: (direction: Direction) => void): Clause => ({
  name: 'DIRECTION',
  begins: [['DIRECTION'], ...WORDS.map((word) => [word])],
  read: ([word = '']) => {
    const direction = word === 'DIRECTION' ? reader.expectOneOf(...WORDS) : word;
    read(DIRECTIONS[direction] ?? 'both');
  },
});

/** `: type`, `EDGE TYPE type` or `EDGE_TYPE type` */
export const edgeTypeClause = (reader: Reader, read: (type: Name) => void): Clause =>
  clause('EDGE TYPE', () => read(nameOrText(reader, 'the type of an edge')), ['EDGE_TYPE'], [':']);
