/** What says which files are an index, and of what: a line with the digest of the rest, then JSON. Pure. */
import { endianness } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { FacetError } from '../../base/index.ts';
import { type Lsn, lsnText, parseLsn } from '../../engine/index.ts';
import { digestOf, type GraphShape } from './graph/index.ts';

/** Another one when files of before cannot be read any more: then they are made anew. */
const FORMAT = 2;

/** What the files were made of. Files of anything else are of no use. */
export interface SavedOf {
  /** `vector.index.id`; grows with every index, in one database. */
  readonly index: number;
  /** Tells databases apart, those of other PostgreSQL servers too. */
  readonly database: string;
  readonly relationOid: number;
  /** As Target.file. */
  readonly relationFile: string;
  readonly attribute: number;
  readonly column: string;
  readonly key: readonly { readonly name: string; readonly type: string }[];
  readonly keyIndex: number | undefined;
  readonly dimensions: number;
  readonly shape: GraphShape;
}

export interface SavedManifest {
  readonly of: SavedOf;
  /** In the names of its files. */
  readonly generation: string;
  /** The files hold what had committed before it; changes from there on make them current. */
  readonly lsn: Lsn;
  /** Slots of the shelf. */
  readonly slots: number;
  /** Of them, the first so many are in the graph. */
  readonly entries: number;
  readonly digests: { readonly graph: string; readonly keys: string; readonly vectors: string };
}

export function manifestText(manifest: SavedManifest): string {
  const text = JSON.stringify({
    format: FORMAT,
    byteOrder: endianness(),
    ...manifest,
    lsn: lsnText(manifest.lsn),
  });
  return `${digestOf(text)}\n${text}\n`;
}

/** @throws STORE_UNUSABLE when it is not one that was written by this version on such a machine, whole */
export function parseManifest(text: string): SavedManifest {
  const [digest, json = ''] = text.split('\n');
  if (digest !== digestOf(json)) throw new FacetError('STORE_UNUSABLE', 'The manifest is damaged');
  const { format, byteOrder, ...manifest } = JSON.parse(json) as Record<string, unknown>;
  if (format !== FORMAT || byteOrder !== endianness()) {
    throw new FacetError('STORE_UNUSABLE', 'The files are of another version, or of another machine');
  }
  // Its digest is right, so it is what manifestText wrote.
  return { ...manifest, lsn: parseLsn(String(manifest.lsn), 'lsn') } as unknown as SavedManifest;
}

export const isOf = (manifest: SavedManifest, wanted: SavedOf): boolean =>
  isDeepStrictEqual(manifest.of, wanted);
