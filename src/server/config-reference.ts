/** The option table for readers: the reference page, `--print-config`, and the parts of the help text. */
import { PLANS, timestamp } from '../base/index.ts';
import type { Config } from './config.ts';
import { MASK, maskedUri } from './mask.ts';
import { type OptionValue, readableValue } from './option-values.ts';
import { environmentName, fieldName, OPTION_GROUPS, OPTION_ROWS, type OptionRow } from './options.ts';
import { planLines } from './plans.ts';

/** The page docs/reference/config.md. */
export function configReference(): string {
  const sections = OPTION_GROUPS.map((group) => {
    const rows = [...OPTION_ROWS].filter(([, row]) => row.group === group);
    const entries = rows.map(([key, row]) => referenceEntry(key, row));
    return `## ${group}\n\n${entries.join('\n')}`;
  });
  return `${REFERENCE_HEAD}\n${sections.join('\n\n')}\n\n${REFERENCE_CREDENTIALS}`;
}

const REFERENCE_HEAD = `# Configuration

<!-- Generated from src/server/options.ts. Do not edit. -->

Each option can be given in three places. The first one that has it wins: a flag of \`facet serve\`, an environment
variable, the file \`facet.toml\` (in the working directory, or where \`--config\` says). Unknown options, unknown keys and
repeated flags are errors. \`facet serve --print-config\` prints every value and where it came from.

Sizes are bytes, or have a unit: \`512kB\`, \`10MB\`, \`1GB\` (powers of 1,024). Durations are milliseconds, or have a unit:
\`250ms\`, \`30s\`, \`5m\`, \`1h\`.
`;

const REFERENCE_CREDENTIALS = `## Credentials

Who may connect stands in \`facet.toml\`, one table each. \`facet credential\` makes the secrets.

\`\`\`toml
[[credentials]]
name = "reports"                      # owner of transactions, field in logs, user name for Basic
role = "read"                         # read, write or admin
secret = "sha256:9f86d081884c7d65…"   # hash of a token (Bearer, X-API-Key, Basic) or scrypt:… of a password (Basic)
namespace = "sales"                   # optional: the only namespace these credentials reach
expires = 2030-01-01T00:00:00Z        # optional
mtls_subject = "reports.example.org"  # optional: common name of a client certificate, instead of or beside a secret
plan = "Pro"                          # optional: Free, Pro, Enterprise or one of [[plans]]; see guides/plans.md
\`\`\`

## Plans

What credentials with a plan may use: the three that everyone knows are in guides/plans.md. Others, one table each:

\`\`\`toml
[[plans]]
name = "Team"
based_on = "Pro"                      # optional: the plan that has what is not said here
storage_bytes_max = "50GB"
operations_per_month_max = 50000000   # or "unlimited"
connections_max = 200
ttl_ms_max = "90d"
payload_bytes_max = "20MB"
batch_items_max = 2000
requests_per_second_max = 250
\`\`\`
`;

function referenceEntry(key: string, row: OptionRow): string {
  const facts = [`flag \`--${key}\``];
  if (key !== 'print-config') facts.push(`variable \`${environmentName(key)}\``);
  if (row.file !== null) facts.push(`file \`${row.file}\``);
  const bounds =
    row.min !== undefined || row.max !== undefined
      ? `, ${readableValue(row, row.min ?? 0)} to ${readableValue(row, row.max ?? Number.MAX_SAFE_INTEGER)}`
      : '';
  const kind = row.choices ? row.choices.map((choice) => `\`${choice}\``).join(', ') : `${row.type}${bounds}`;
  const lines = [
    `### ${key}`,
    '',
    row.sentence,
    '',
    `- ${facts.join(' · ')}`,
    `- ${kind} · default: ${defaultOf(row)}${row.secret ? ' · secret' : ''}`,
  ];
  if (row.example !== undefined) lines.push(`- example: \`${row.example}\``);
  return `${lines.join('\n')}\n`;
}

function defaultOf(row: OptionRow): string {
  if (row.defaultText !== undefined) return row.defaultText;
  return row.default === null ? 'not set' : `\`${readableValue(row, row.default)}\``;
}

/**
 * Every option with its value and origin, as a valid facet.toml: `--print-config`. Options that are not set and
 * those that have no place in the file are comments. Secrets are masked.
 */
export function printConfig(config: Config): string {
  const { origins } = config;
  const fields = config as unknown as Readonly<Record<string, OptionValue | null>>;
  const tables = new Map<string, string[]>();
  for (const [key, row] of OPTION_ROWS) {
    if (row.file === null) continue;
    const dot = row.file.lastIndexOf('.');
    const table = row.file.slice(0, Math.max(0, dot));
    const value = fields[fieldName(key)] ?? null;
    const name = row.file.slice(dot + 1);
    const setting = value === null ? `# ${name} is not set` : `${name} = ${literal(key, row, value)}`;
    const lines = tables.get(table) ?? [];
    lines.push(`${setting.padEnd(44)} # ${origins.get(key)}`);
    tables.set(table, lines);
  }
  const parts = [...tables].map(([table, lines]) => {
    const head = table === '' ? [] : [`[${table}]`];
    return [...head, ...lines].join('\n');
  });
  const source = config.config === null ? 'no config file' : `config file ${config.config}`;
  return [`# ${source}`, ...parts, ...ownPlans(config), ...config.credentials.map(credentialLines)].join(
    '\n\n',
  );
}

/** Tables of the plans that the file has. */
const ownPlans = ({ plans }: Config): string[] =>
  plans.filter((plan) => !PLANS.includes(plan)).map(planLines);

function literal(key: string, row: OptionRow, value: OptionValue): string {
  if (key === 'store') return JSON.stringify(maskedUri(String(value)));
  return JSON.stringify(row.secret ? MASK : value);
}

function credentialLines(credential: Config['credentials'][number]): string {
  const { principal, secret, mtlsSubject, expiresAtMs } = credential;
  const lines = ['[[credentials]]', `name = ${JSON.stringify(principal.name)}`, `role = "${principal.role}"`];
  if (secret) lines.push(`secret = "${secret.kind}:${MASK}"`);
  if (principal.namespace !== undefined) lines.push(`namespace = "${principal.namespace}"`);
  if (principal.plan !== undefined) lines.push(`plan = ${JSON.stringify(principal.plan.name)}`);
  if (mtlsSubject !== undefined) lines.push(`mtls_subject = ${JSON.stringify(mtlsSubject)}`);
  if (expiresAtMs !== undefined) lines.push(`expires = ${timestamp(expiresAtMs)}`);
  return lines.join('\n');
}
