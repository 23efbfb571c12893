/** Taking pieces from a client: each within a time, and none after the call was given up. */
import { FacetError, LIMITS, offAbort, onAbort } from '../../base/index.ts';
import type { Pieces } from './schemas.ts';

/**
 * The pieces as they come. When it is left, the source is told to end, and not waited for: one that hangs would hold up
 * whoever wants to clean up.
 * @throws UPLOAD_TIMEOUT, QUERY_CANCELLED, and what the source throws
 */
export async function* paced(pieces: Pieces, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const source = pieces[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      const step = await within(() => source.next(), signal);
      if (step.done === true) {
        ended = true;
        return;
      }
      yield step.value;
    }
  } finally {
    if (!ended) leave(source);
  }
}

function leave(source: AsyncIterator<Uint8Array>): void {
  source.return?.().catch(() => undefined);
}

function within<T>(next: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const cancelled = () => new FacetError('QUERY_CANCELLED', 'The upload was cancelled');
  if (signal.aborted) return Promise.reject(cancelled());
  return new Promise((resolve, reject) => {
    const over = (): void => {
      clearTimeout(timer);
      offAbort(signal, aborted);
    };
    const aborted = (): void => {
      over();
      reject(cancelled());
    };
    const timer = setTimeout(() => {
      over();
      reject(
        new FacetError(
          'UPLOAD_TIMEOUT',
          `The upload brought no bytes for ${LIMITS.blobUploadPauseMsMax} ms (blobUploadPauseMsMax)`,
        ),
      );
    }, LIMITS.blobUploadPauseMsMax);
    onAbort(signal, aborted);
    next().then(
      (value) => {
        over();
        resolve(value);
      },
      (error: unknown) => {
        over();
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}
