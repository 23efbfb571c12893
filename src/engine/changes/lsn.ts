/** Positions in the write-ahead log: text as PostgreSQL prints it (`16/B374D848`), numbers for comparing. Pure. */
import { FacetError } from '../../base/index.ts';
import type { Lsn } from '../change-contract.ts';

const LSN = /^([0-9a-f]{1,8})\/([0-9a-f]{1,8})$/i;

/** `16/B374D848`, without padding. */
export const lsnText = (lsn: Lsn): string =>
  `${(lsn >> 32n).toString(16)}/${(lsn & 0xffff_ffffn).toString(16)}`.toUpperCase();

/** @throws INVALID_PARAMETER naming `field` */
export function parseLsn(text: string, field: string): Lsn {
  const parts = LSN.exec(text);
  if (parts === null) {
    throw new FacetError('INVALID_PARAMETER', `'${field}': expected a position such as 0/1A2B3C4D`);
  }
  return (BigInt(`0x${parts[1]}`) << 32n) | BigInt(`0x${parts[2]}`);
}
