/**
 * The functions that tables' users know and Cypher does not: gen_random_uuid(), current_timestamp() and current_date()
 * become parameters with their values, so that what is kept of a statement says what it did.
 */
import { randomUUID } from 'node:crypto';
import { nowMs } from '../../../base/index.ts';
import { lex, type Token, type Value } from '../../../cypher/index.ts';
import { dateAt, timestampAt } from '../declared/index.ts';
import { parameterValues } from '../parameters.ts';

/** Most texts have none of them, and that is told without reading tokens. */
const WORTH_A_LOOK = /gen_random_uuid|current_timestamp|current_date/i;

/** Words and symbols behind which an expression may be computed for several rows. */
const REPEATING: ReadonlySet<string> = new Set([
  'MATCH',
  'UNWIND',
  'CALL',
  'FOREACH',
  'IN',
  'REDUCE',
  'MERGE',
]);

type Known = 'gen_random_uuid' | 'current_timestamp' | 'current_date';

const PREFIXES: Readonly<Record<Known, string>> = {
  gen_random_uuid: '_uuid_',
  current_timestamp: '_now_',
  current_date: '_date_',
};

/** As graph.query takes them. */
type Params = ReadonlyMap<string, Value> | Readonly<Record<string, unknown>>;

export interface ExplicitText<Given extends Params = Params> {
  readonly text: string;
  readonly params: Given | ReadonlyMap<string, Value>;
}

/**
 * Calls without arguments only, whatever their case; never within strings, comments, names in backticks or behind a dot.
 * Each occurrence gets a parameter of its own (`$_uuid_0`, `$_now_0`, `$_date_0`, counted from 0), with a name that
 * neither the text nor the caller uses. In a text that may compute an expression for several rows gen_random_uuid()
 * becomes randomUUID() instead: each row has its own. Times are UTC and the same in all of a statement.
 */
export function explicitFunctions<Given extends Params>(text: string, given: Given): ExplicitText<Given> {
  if (!WORTH_A_LOOK.test(text)) return { text, params: given };
  const params = parameterValues(given);
  const tokens = lex(text);
  const taken = new Set(params.keys());
  for (const { kind, text: name } of tokens) if (kind === 'parameter') taken.add(name);
  const repeats = tokens.some(({ kind, text: word, symbol }) =>
    kind === 'name' ? REPEATING.has(word.toUpperCase()) : symbol === '|',
  );
  const made = new Map(params);
  const counts: Record<Known, number> = { gen_random_uuid: 0, current_timestamp: 0, current_date: 0 };
  const startedMs = nowMs();
  let result = '';
  let copied = 0;
  tokens.forEach((token, at) => {
    const known = calledAt(tokens, at);
    if (known === undefined) return;
    result += text.slice(copied, token.start);
    copied = tokens[at + 2]?.end ?? token.end;
    if (known === 'gen_random_uuid' && repeats) {
      result += 'randomUUID()';
      return;
    }
    let name = `${PREFIXES[known]}${counts[known]++}`;
    while (taken.has(name)) name = `${PREFIXES[known]}${counts[known]++}`;
    made.set(name, valueFor(known, startedMs));
    result += `$${name}`;
  });
  return copied === 0 ? { text, params: given } : { text: result + text.slice(copied), params: made };
}

/** `name ( )`, and not `something.name()`. */
function calledAt(tokens: readonly Token[], at: number): Known | undefined {
  const token = tokens[at];
  if (token?.kind !== 'name' || tokens[at + 1]?.symbol !== '(' || tokens[at + 2]?.symbol !== ')')
    return undefined;
  if (tokens[at - 1]?.symbol === '.') return undefined;
  const name = token.text.toLowerCase();
  return Object.hasOwn(PREFIXES, name) ? (name as Known) : undefined;
}

function valueFor(known: Known, epochMs: number): Value {
  if (known === 'gen_random_uuid') return randomUUID();
  return known === 'current_date' ? dateAt(epochMs) : timestampAt(epochMs);
}
