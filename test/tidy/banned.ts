/** Calls and words that may stand in few places or nowhere, each with what to use instead. */
import { importsOf } from './imports.ts';
import { type Finding, isProduct, type SourceFile } from './repository.ts';
import { lineOf } from './scan.ts';

interface BannedCode {
  readonly name: string;
  readonly pattern: RegExp;
  /** Where it may stand. */
  readonly allowed: (path: string) => boolean;
  /** True: only src/ without its tests is looked at. */
  readonly productOnly: boolean;
  readonly instead: string;
}

const only =
  (...places: readonly string[]) =>
  (path: string): boolean =>
    places.some((place) => (place.endsWith('/') ? path.startsWith(place) : path === place));
const nowhere = only();
const clock = only('src/base/clock.ts');
const terminal = only('src/main.ts', 'src/cli/');

const code = (
  name: string,
  pattern: RegExp,
  allowed: (path: string) => boolean,
  instead: string,
  productOnly = true,
): BannedCode => ({ name, pattern, allowed, productOnly, instead });

export const BANNED_CODE: readonly BannedCode[] = [
  code(
    'process.env',
    /\bprocess\s*\.\s*env\b/g,
    only('src/server/config.ts'),
    'an option of server/config.ts',
  ),
  code('console', /\bconsole\s*\.\s*\w+/g, terminal, 'an observation (base/observe.ts)'),
  code(
    'process.exit',
    /\bprocess\s*\.\s*exit\b/g,
    terminal,
    'a rejected promise that main.ts turns into a code',
  ),
  code('Date.now', /\bDate\s*\.\s*now\b/g, clock, 'nowMs of base/clock.ts'),
  code('new Date()', /\bnew\s+Date\b(?:\s*\(\s*\))?(?!\s*\()/g, clock, 'nowMs or timestamp of base/clock.ts'),
  code('Math.random', /\bMath\s*\.\s*random\b/g, clock, 'randomHex of base/clock.ts'),
  code('performance.now', /\bperformance\s*\.\s*now\b/g, clock, 'monotonicMs of base/clock.ts'),
  code('process.hrtime', /\bprocess\s*\.\s*hrtime\b/g, clock, 'monotonicMs of base/clock.ts'),
  code('eval', /\beval\s*\(|\bnew\s+Function\s*\(/g, nowhere, 'a function', false),
  code('export *', /\bexport\s+(?:type\s+)?\*/g, nowhere, 'the names that are meant to be public', false),
  code(
    'any',
    /(?::|\bas|\bis|<|\||&|=>|\bextends|\bkeyof|\breadonly|,)\s*any\b(?!\s*[(:.=])|=\s*any\s*;|\bany\s*\[\s*\]/g,
    nowhere,
    'unknown, or the type',
    false,
  ),
];

interface BannedPackage {
  readonly names: readonly string[];
  readonly allowed: (path: string) => boolean;
  readonly instead: string;
}

export const BANNED_PACKAGES: readonly BannedPackage[] = [
  {
    names: ['pg', 'pg-cursor', 'pg-pool', 'pg-protocol', 'pg-types', 'postgres'],
    allowed: only('src/engine/'),
    instead: 'the Database of engine/index.ts',
  },
  {
    names: ['pino', 'prom-client'],
    allowed: only('src/server/'),
    instead: 'an observation (base/observe.ts)',
  },
  {
    names: ['fastify', '@grpc/grpc-js'],
    allowed: only('src/server/', 'src/dialects/'),
    instead: 'a dialect; models and engine know no protocol',
  },
  {
    names: ['ws'],
    allowed: only('src/server/', 'src/dialects/', 'src/cli/'),
    instead: 'a dialect, or a client of one; models and engine know no protocol',
  },
  { names: ['commander'], allowed: terminal, instead: 'the option table of server/config.ts' },
  {
    names: ['vitest', 'fast-check', 'tsx'],
    allowed: nowhere,
    instead: 'nothing: tests stay out of the product',
  },
];

/** A comment that silences a checker; Biome's may stand where it says why. */
const SILENCER = /@ts-(?:ignore|expect-error|nocheck)|\bbiome-ignore(?:-\w+)?\b[^\n]*/g;
const SILENCER_WITH_REASON = /^biome-ignore(?:-\w+)? [\w/]+: .{15,}/;

export function checkBanned(files: readonly SourceFile[]): Finding[] {
  return files.flatMap((file) => [...bannedCode(file), ...bannedPackages(file), ...silencers(file)]);
}

function bannedCode(file: SourceFile): Finding[] {
  const applies = (ban: BannedCode): boolean =>
    (isProduct(file.path) || !ban.productOnly) && !ban.allowed(file.path);
  return BANNED_CODE.filter(applies).flatMap((ban) =>
    [...file.code.matchAll(ban.pattern)]
      .map((match) => lineOf(file.text, match.index))
      .filter((line) => ban.name !== 'any' || !isExcused(file, line))
      .map((line) => ({
        path: file.path,
        line,
        message: `${ban.name} is not for this place: use ${ban.instead}`,
      })),
  );
}

/** Biome's own comment on the line above, which must give a reason, stands for both checks. */
function isExcused(file: SourceFile, line: number): boolean {
  return file.comments.some(
    (comment) => comment.line === line - 1 && comment.text.includes('lint/suspicious/noExplicitAny: '),
  );
}

function bannedPackages(file: SourceFile): Finding[] {
  if (!isProduct(file.path)) return [];
  return importsOf(file).flatMap(({ specifier, line }) =>
    BANNED_PACKAGES.filter(
      (ban) => !ban.allowed(file.path) && ban.names.some((name) => isPackage(specifier, name)),
    ).map((ban) => ({
      path: file.path,
      line,
      message: `'${specifier}' is not for this place: use ${ban.instead}`,
    })),
  );
}

const isPackage = (specifier: string, name: string): boolean =>
  specifier === name || specifier.startsWith(`${name}/`);

function silencers(file: SourceFile): Finding[] {
  return file.comments.flatMap((comment) =>
    [...comment.text.matchAll(SILENCER)]
      .filter((match) => !SILENCER_WITH_REASON.test(match[0]))
      .map((match) => ({
        path: file.path,
        line: comment.line,
        message: match[0].startsWith('biome-ignore')
          ? 'biome-ignore needs a rule and a reason: `biome-ignore lint/group/rule: why`'
          : `${match[0]} hides errors: fix the type`,
      })),
  );
}
