/** The version of Facet, read once from the package manifest: the one place where it is written down. */
import { readFileSync } from 'node:fs';

/** package.json stands two folders up from this file, in the sources and in dist/ alike. */
const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

/** Semantic version, such as `0.1.0`. */
export const VERSION: string = textMember(manifest, 'version');

/** The Node.js versions that package.json allows, such as `>=20.19`. */
export const NODE_RANGE: string = textMember(memberOf(manifest, 'engines'), 'node');

function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function textMember(value: unknown, key: string): string {
  const member = memberOf(value, key);
  if (typeof member !== 'string') throw new Error(`package.json has no ${key}`);
  return member;
}
