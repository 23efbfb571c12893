/** Files of keys, of the vault and of snapshots: read, checked, never repeated in an error. */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { FacetError } from '../base/index.ts';
import { VAULT_KEY_BYTES, type VaultKey, vaultKey } from '../models/index.ts';

/** Each is tried by its id, so many do not cost; a file with more is likely something else. */
const KEYS_MAX = 32;
/** Read and written by somebody else than the owner of the file. */
const OTHERS = 0o077;

/**
 * One key in a line, the one that encrypts first; empty lines and what follows a `#` are left out.
 * @returns undefined when no file is named
 * @throws CONFIG_INVALID naming the file and the line
 */
export const loadVaultKeys = (path: string | null): readonly VaultKey[] | undefined =>
  path === null ? undefined : loadKeyFile(path, 'vault-key-file');

/**
 * As `loadVaultKeys`.
 * @param option whose file it is, for errors
 */
export function loadKeyFile(path: string, option: string): readonly VaultKey[] {
  const file: KeyFile = { path, option };
  const keys: VaultKey[] = [];
  readPrivate(file)
    .split(/\r?\n/)
    .forEach((line, index) => {
      const text = line.replace(/#.*$/, '').trim();
      if (text === '') return;
      const key = vaultKey(parseKey(text, file, index + 1));
      if (keys.some(({ id }) => id === key.id)) throw invalid(file, `has the key of line ${index + 1} twice`);
      keys.push(key);
    });
  if (keys.length === 0) throw invalid(file, 'has no key');
  if (keys.length > KEYS_MAX) throw invalid(file, `has more than ${KEYS_MAX} keys`);
  return keys;
}

interface KeyFile {
  readonly path: string;
  readonly option: string;
}

/** Looks at the file that it reads, not at what has its name by then. */
function readPrivate(file: KeyFile): string {
  let handle: number;
  try {
    handle = openSync(file.path, 'r');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw invalid(file, reason === 'ENOENT' ? 'does not exist' : `cannot be read (${reason})`);
  }
  try {
    const facts = fstatSync(handle);
    if (!facts.isFile()) throw invalid(file, 'is not a file');
    // Windows has no such bits.
    if (process.platform !== 'win32' && (facts.mode & OTHERS) !== 0) {
      throw invalid(file, 'can be read or written by others', `chmod 600 ${file.path}`);
    }
    return readFileSync(handle, 'utf8');
  } finally {
    closeSync(handle);
  }
}

function parseKey(text: string, file: KeyFile, line: number): Buffer {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  const isBase64 = /^[A-Za-z0-9+/]{43}=?$/.test(text) || /^[A-Za-z0-9_-]{43}=?$/.test(text);
  const bytes = Buffer.from(isBase64 ? text : '', 'base64');
  if (bytes.length === VAULT_KEY_BYTES) return bytes;
  throw invalid(
    file,
    `has something in line ${line} that is not a key of ${VAULT_KEY_BYTES} bytes`,
    `Write it as ${VAULT_KEY_BYTES * 2} hexadecimal digits (openssl rand -hex ${VAULT_KEY_BYTES}), or as base64.`,
  );
}

const invalid = ({ path, option }: KeyFile, complaint: string, hint?: string): FacetError =>
  new FacetError('CONFIG_INVALID', `${option}: ${path} ${complaint}`, { hint });
