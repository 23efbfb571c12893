/** Scores between JavaScript and PostgreSQL: doubles with both infinities. */
import type { Cell } from '../../../engine/index.ts';

/** The text that PostgreSQL reads; `-0` stays what it is. */
export const scoreText = (score: number): string => (Object.is(score, -0) ? '-0' : String(score));

export const scoreOf = (cell: Cell | undefined): number => Number(cell ?? Number.NaN);
