/** What the services of Neumann are told by the configuration. */
import type { Principal } from '../../base/index.ts';
import type { WireName } from './wire/index.ts';

export interface NeumannSettings {
  readonly wire: WireName;
  /** One message, of a client or to one, in bytes. */
  readonly messageBytesMax: number;
  /** One artifact that is uploaded, in bytes. */
  readonly uploadBytesMax: number;
  /** Data of one chunk of a download, in bytes. */
  readonly blobChunkBytes: number;
  /** Messages of a stream that may wait for their client. */
  readonly streamCapacity: number;
  /** Metadata, or header over HTTP, with the key of a caller; in lower case. */
  readonly apiKeyHeader: string;
  /** Whom callers without a key are taken for; absent: they are refused where credentials are configured. */
  readonly anonymous: Principal | undefined;
  /** Subjects of client certificates that say who calls; others say nothing. */
  readonly subjects: ReadonlySet<string>;
  /** Reflection tells of the services. */
  readonly isReflected: boolean;
}
