/** What is wrong in a file of entries, and where. */
import { FacetError } from '../../../base/index.ts';

export interface FileFault {
  readonly kind: 'checksum' | 'length' | 'sequence' | 'chain' | 'payload' | 'cut off';
  /** The entry that is wrong; undefined when it is the first and cannot be told. */
  readonly sequence: number | undefined;
  /** Where that entry begins in the file, in bytes. */
  readonly offset: number;
  /** How much of the file that is: what is wrong lies within. */
  readonly bytes: number;
  /** Of the one byte in the file that is not what was written, when it is one. */
  readonly byte?: { readonly offset: number; readonly is: number; readonly was: number } | undefined;
  /** The end of a sentence about the entry. */
  readonly what: string;
}

export function faultText({ sequence, offset, bytes, byte, what }: FileFault): string {
  const entry = sequence === undefined ? 'The first entry' : `Entry ${sequence}`;
  const place =
    byte === undefined
      ? `bytes ${offset} to ${offset + bytes - 1} of the file`
      : `byte ${byte.offset} of the file is ${hex(byte.is)} and was ${hex(byte.was)}`;
  return `${entry} ${what} (${place})`;
}

const hex = (byte: number): string => `0x${byte.toString(16).padStart(2, '0')}`;

/** JOURNAL_DAMAGED, and where. */
export class JournalFileError extends FacetError {
  readonly fault: FileFault;

  constructor(fault: FileFault) {
    super('JOURNAL_DAMAGED', faultText(fault));
    this.fault = fault;
  }
}

export const faultError = (fault: FileFault): JournalFileError => new JournalFileError(fault);
