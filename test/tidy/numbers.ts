/**
 * Numbers for size and time stand in base/limits.ts, with a unit and a reason, or are options of the server. This
 * is a heuristic for the rest of src/: no literal of 1,000 or more, and no bare number given to a name that ends
 * in a unit or to a timer. Fine are conversions between units (`/ 1_000`, `* 1024`), hexadecimal bit patterns, and
 * a constant in capitals with a comment right above it: a detail of one file that has its name and reason there.
 */
import type { Finding, SourceFile } from './repository.ts';
import { lineOf } from './scan.ts';

/** Where such numbers live. */
const HOMES = ['src/base/limits.ts', 'src/server/config.ts', 'src/server/options.ts'];

/** Files whose large numbers are not sizes or times, with the reason. */
export const NUMBER_WAIVERS: ReadonlyMap<string, string> = new Map([
  ['src/base/rates.ts', 'rates per second that the ThunderDB API reference states; options override them'],
  ['src/base/plan.ts', 'limits of the plans that the Synap API reference states; own plans replace them'],
  ['src/models/type-names.ts', 'object identifiers of the built-in types, fixed by PostgreSQL'],
  ['src/models/sql/type-syntax.ts', 'largest type modifiers, fixed by PostgreSQL'],
  ['src/models/vector/build-order.ts', 'ranges of the options of indexes, those of pgvector'],
  ['src/models/vector/graph-vectors.ts', 'lengths whose squares 32-bit numbers tell apart'],
  ['src/models/sql/index-types.ts', 'ranges of the storage parameters of indexes, fixed by PostgreSQL'],
  ['src/cypher/values/value.ts', 'numbers of the coordinate systems, fixed by EPSG and Neo4j'],
  ['src/models/kv/geo/geohash.ts', 'the radius of the earth and units of length, as Redis has them'],
  ['src/cli/demo/work.ts', 'the radius of the earth, as in the SQL of the demo'],
  ['src/server/option-values.ts', 'the table of units that options are written in: KiB, MiB, s, min, h'],
]);

const LITERAL = /(?<![\w$.])\d[\d_]*(?:\.\d[\d_]*)?(?:[eE]\+?\d+)?n?\b/g;
const CONVERSIONS = new Set([
  1_000, 1_024, 1_048_576, 1_000_000, 3_600, 86_400, 60_000, 3_600_000, 86_400_000,
]);
/** Sixteen bits: ports, and counts of the PostgreSQL protocol. */
const NATURAL = new Set([65_535]);
const LARGE = 1_000;

const CONSTANT = /^\s*(?:export )?const [A-Z][A-Z0-9_]*\b/;
const COMMENT_END = /^\s*(?:\/\/|\/\*\*?.*\*\/\s*$|.*\*\/\s*$)/;

/** `timeoutMs: 250`, `const waitMs = 50`, `rowsMax = 100`. Zero and one are beginnings, not bounds. */
const NAMED = /\b(\w*(?:Ms|Seconds|Bytes|Max|Limit))\s*(?::|=|\?\?)\s*(\d[\d_]*)\b(?!\s*[*/])/g;
const TIMER = /\bset(?:Timeout|Interval)\s*\([^;]*?,\s*(\d[\d_]*)\s*[,)]/g;
const SMALL = 1;
/** Advice to a client, not a bound. */
const ADVICE = new Set(['retryAfterSeconds']);

export function checkNumbers(files: readonly SourceFile[], waivers: ReadonlyMap<string, string>): Finding[] {
  const findings: Finding[] = [];
  for (const file of files) {
    if (HOMES.includes(file.path)) continue;
    const found = numbersOf(file);
    if (!waivers.has(file.path)) findings.push(...found);
    else if (found.length === 0) {
      findings.push({ path: file.path, line: 1, message: 'its waiver is not needed any more' });
    }
  }
  return findings;
}

function numbersOf({ path, code, text }: SourceFile): Finding[] {
  const at = (index: number, message: string): Finding => ({ path, line: lineOf(text, index), message });
  const large = [...code.matchAll(LITERAL)]
    .filter((match) => {
      const value = Number(match[0].replace(/[_n]/g, ''));
      return (
        value >= LARGE &&
        !NATURAL.has(value) &&
        !(CONVERSIONS.has(value) && converts(code, match.index, match[0].length))
      );
    })
    .map((match) =>
      at(match.index, `${match[0]} belongs into base/limits.ts, with a name, a unit and a reason`),
    );
  const named = [...code.matchAll(NAMED)]
    .filter(
      (match) =>
        !ADVICE.has(match[1] ?? '') &&
        Number(match[2]?.replaceAll('_', '')) > SMALL &&
        Number(match[2]?.replaceAll('_', '')) < LARGE,
    )
    .map((match) => at(match.index, `${match[1]} is a bound: ${match[2]} belongs into base/limits.ts`));
  const timers = [...code.matchAll(TIMER)]
    .filter((match) => Number(match[1]?.replaceAll('_', '')) > SMALL)
    .map((match) => at(match.index, `a timer of ${match[1]} ms: the number belongs into base/limits.ts`));
  const lines = text.split('\n');
  const explained = ({ line }: Finding): boolean =>
    CONSTANT.test(lines[line - 1] ?? '') && COMMENT_END.test(lines[line - 2] ?? '');
  return [...large, ...named, ...timers].filter((finding) => !explained(finding));
}

/** True when the literal multiplies or divides something that has a name: `seconds * 1_000`, not `5 * 1_000`. */
function converts(code: string, index: number, length: number): boolean {
  const before = /([\w$.)\]]+)\s*[*/%]\s*$/.exec(code.slice(Math.max(0, index - 80), index))?.[1];
  if (before !== undefined) return before.endsWith(')') || !/^\d/.test(before);
  const after = /^\s*[*/%]\s*([\w$.(]+)/.exec(code.slice(index + length, index + length + 80))?.[1];
  return after !== undefined && !/^\d/.test(after);
}
