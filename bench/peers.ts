/** What scenarios are compared with and Facet does not need: is it there, and how does one get it? */
import { createRequire } from 'node:module';
import { programPath } from './pin.ts';

const resolve = createRequire(new URL('peers/package.json', import.meta.url)).resolve;

/** Why a scenario that needs these packages of bench/peers cannot run; undefined if it can. */
export function missingPackage(...names: readonly string[]): string | undefined {
  const missing = names.filter((name) => {
    try {
      resolve(name);
      return false;
    } catch {
      return true;
    }
  });
  if (missing.length === 0) return undefined;
  return `${missing.join(', ')} is not installed: npm ci --ignore-scripts --prefix bench/peers`;
}

/** Debian's package of a program. */
const PACKAGES: Readonly<Record<string, string>> = {
  'redis-server': 'redis-server',
  'redis-benchmark': 'redis-tools',
  webdis: 'webdis',
  wrk: 'wrk',
};

/** Why a scenario that needs these programs cannot run; undefined if it can. */
export function missingProgram(...names: readonly string[]): string | undefined {
  const missing = names.filter((name) => programPath(name) === undefined);
  if (missing.length === 0) return undefined;
  const packages = missing.map((name) => PACKAGES[name] ?? name).join(' ');
  return `${missing.join(', ')} is not installed: apt-get install ${packages}`;
}
