/** Cells of the vault's rows: bytes and lists of names. */
import type { Cell, Parameter } from '../../engine/index.ts';

/** Bytes in PostgreSQL's text form. */
export const byteaOf = (bytes: Buffer): Parameter => `\\x${bytes.toString('hex')}`;

/** From hexadecimal digits. */
export const bytesOf = (cell: Cell | undefined): Buffer => Buffer.from(cell ?? '', 'hex');

/** A JSON list of texts. What SQL has put there instead is no grant. */
export function namesOf(cell: Cell | undefined): readonly string[] {
  const list: unknown = JSON.parse(cell ?? '[]');
  return Array.isArray(list) ? list.filter((name) => typeof name === 'string') : [];
}
