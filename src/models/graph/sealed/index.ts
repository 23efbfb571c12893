/** Front door of sealed files: snapshots and exported journals outside of the database, compressed and encrypted. */
export { ByteReader } from './byte-reader.ts';
export { assertAvailable } from './compression.ts';
export { COMPRESSION_NAMES, type Compression, isSealed, MAGIC as SEALED_MAGIC } from './header.ts';
export { type SealOptions, seal } from './seal.ts';
export { type Unsealed, type UnsealOptions, unseal } from './unseal.ts';
