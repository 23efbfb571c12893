/** What `facet query` and `facet cypher` read alike from their arguments: the statement and its timeout. */
import { readFile } from 'node:fs/promises';
import { InvalidArgumentError } from 'commander';
import { LIMITS } from '../base/index.ts';
import { readText } from './http.ts';

/** For an option that may be given several times. */
export const collect = (value: string, before: readonly string[]): string[] => [...before, value];

export function milliseconds(text: string): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= LIMITS.queryTimeoutMsMax) return value;
  throw new InvalidArgumentError(`From 1 to ${LIMITS.queryTimeoutMsMax} milliseconds.`);
}

/** The statement from exactly one of its three sources. */
export async function statementText(argument: string | undefined, file: string | undefined): Promise<string> {
  if ((argument === undefined) === (file === undefined)) {
    throw new Error('Give the statement as an argument, as - for standard input, or by --file.');
  }
  if (file !== undefined) return await readFile(file, 'utf8');
  return argument === '-' ? await readText(process.stdin) : (argument ?? '');
}
