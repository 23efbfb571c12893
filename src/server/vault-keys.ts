/** The file of the vault's keys: read, checked, never repeated in an error. */
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
export function loadVaultKeys(path: string | null): readonly VaultKey[] | undefined {
  if (path === null) return undefined;
  const keys: VaultKey[] = [];
  readPrivate(path)
    .split(/\r?\n/)
    .forEach((line, index) => {
      const text = line.replace(/#.*$/, '').trim();
      if (text === '') return;
      const key = vaultKey(parseKey(text, path, index + 1));
      if (keys.some(({ id }) => id === key.id)) throw invalid(path, `has the key of line ${index + 1} twice`);
      keys.push(key);
    });
  if (keys.length === 0) throw invalid(path, 'has no key');
  if (keys.length > KEYS_MAX) throw invalid(path, `has more than ${KEYS_MAX} keys`);
  return keys;
}

/** Looks at the file that it reads, not at what has its name by then. */
function readPrivate(path: string): string {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw invalid(path, reason === 'ENOENT' ? 'does not exist' : `cannot be read (${reason})`);
  }
  try {
    const facts = fstatSync(file);
    if (!facts.isFile()) throw invalid(path, 'is not a file');
    // Windows has no such bits.
    if (process.platform !== 'win32' && (facts.mode & OTHERS) !== 0) {
      throw invalid(path, 'can be read or written by others', `chmod 600 ${path}`);
    }
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

function parseKey(text: string, path: string, line: number): Buffer {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  const isBase64 = /^[A-Za-z0-9+/]{43}=?$/.test(text) || /^[A-Za-z0-9_-]{43}=?$/.test(text);
  const bytes = Buffer.from(isBase64 ? text : '', 'base64');
  if (bytes.length === VAULT_KEY_BYTES) return bytes;
  throw invalid(
    path,
    `has something in line ${line} that is not a key of ${VAULT_KEY_BYTES} bytes`,
    `Write it as ${VAULT_KEY_BYTES * 2} hexadecimal digits (openssl rand -hex ${VAULT_KEY_BYTES}), or as base64.`,
  );
}

const invalid = (path: string, complaint: string, hint?: string): FacetError =>
  new FacetError('CONFIG_INVALID', `vault-key-file: ${path} ${complaint}`, { hint });
