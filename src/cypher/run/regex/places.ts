/** Anchors: tests of the place between two characters, -1 being the start or the end of the text. */
import { isLineEnd, isWord } from './character-tests.ts';
import type { PlaceTest } from './tree.ts';

const OUTSIDE = -1;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;

export const atStart: PlaceTest = (before) => before === OUTSIDE;
export const atEnd: PlaceTest = (_, after) => after === OUTSIDE;

/** The end, or before an end of line that is the last thing of all. */
export const lastLineEnd: PlaceTest = (_, after, isLastLine) => after === OUTSIDE || isLastLine;

/** Not between the two characters of one end of line. */
export const lineStart: PlaceTest = (before, after) =>
  before === OUTSIDE ||
  (isLineEnd(before) && after !== OUTSIDE && !(before === RETURN && after === LINE_FEED));

export const lineEnd: PlaceTest = (before, after) =>
  after === OUTSIDE || (isLineEnd(after) && !(before === RETURN && after === LINE_FEED));

const word = (character: number): boolean => character !== OUTSIDE && isWord(character);

export const wordEdge: PlaceTest = (before, after) => word(before) !== word(after);
