/** Files that are to be found whole or not at all: what is in them is told by a digest, and they are on the disk before they count. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/** SHA-256 in hexadecimal. */
export const digestOf = (bytes: string | Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex');

/** @throws what reading it says */
export async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** Puts a file that was written to the disk, and gives its digest. Its folder says who may read it. */
export async function finishFile(path: string): Promise<string> {
  await chmod(path, 0o644);
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  return await digestOfFile(path);
}
