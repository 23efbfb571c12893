/** Compression of what is sealed: gzip everywhere, zstd where this Node.js has it. */
import { type Duplex, Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as zlib from 'node:zlib';
import { FacetError } from '../../../base/index.ts';
import type { Compression } from './header.ts';

/** What Node.js 22.15 and 23.8 have added. */
interface WithZstd {
  readonly createZstdCompress?: () => Transform;
  readonly createZstdDecompress?: () => Transform;
}

const ZSTD: WithZstd = zlib as WithZstd;

/** @throws FEATURE_NOT_SUPPORTED */
export function assertAvailable(compression: Compression): void {
  if (compression !== 'zstd') return;
  if (ZSTD.createZstdCompress !== undefined && ZSTD.createZstdDecompress !== undefined) return;
  throw new FacetError('FEATURE_NOT_SUPPORTED', `Node.js ${process.versions.node} has no zstd`, {
    hint: 'Run Facet on Node.js 22.15 or newer, or use gzip.',
  });
}

/** @throws FEATURE_NOT_SUPPORTED */
export function compressed(
  source: AsyncIterable<Uint8Array>,
  compression: Compression,
): AsyncIterable<Uint8Array> {
  assertAvailable(compression);
  if (compression === 'none') return source;
  return through(
    source,
    compression === 'gzip' ? zlib.createGzip() : (ZSTD.createZstdCompress?.() ?? new Transform()),
  );
}

/** What was damaged before it was compressed shows as FILE_DAMAGED. @throws FEATURE_NOT_SUPPORTED */
export async function* decompressed(
  source: AsyncIterable<Uint8Array>,
  compression: Compression,
): AsyncGenerator<Uint8Array> {
  assertAvailable(compression);
  if (compression === 'none') {
    yield* source;
    return;
  }
  const stream =
    compression === 'gzip' ? zlib.createGunzip() : (ZSTD.createZstdDecompress?.() ?? new Transform());
  try {
    yield* through(source, stream);
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
    if (!/^(?:Z_|ZSTD_)/.test(code)) throw thrown;
    throw new FacetError('FILE_DAMAGED', `What was compressed with ${compression} cannot be read: ${code}`, {
      cause: thrown,
    });
  }
}

/** Pulls: the source is not read faster than what comes out is taken. Leaving early closes the source. */
async function* through(source: AsyncIterable<Uint8Array>, stream: Duplex): AsyncGenerator<Uint8Array> {
  const feeding = pipeline(Readable.from(source), stream);
  // Its failure is the failure of the stream, which whoever reads sees.
  feeding.catch(() => undefined);
  for await (const piece of stream) yield piece as Uint8Array;
}
