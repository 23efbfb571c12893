/**
 * The `[[credentials]]` tables of facet.toml as checked values: who may come in, by which secret or certificate,
 * with which rights. Checking a caller against them is auth.ts.
 */
import {
  didYouMean,
  FacetError,
  PLANS,
  type Plan,
  type Principal,
  ROLES,
  type Role,
  timestamp,
} from '../base/index.ts';
import { planNamed } from './plans.ts';
import { parseSecretHash, type SecretHash, sha256 } from './secrets.ts';

export interface Credential {
  readonly principal: Principal;
  /** One of the two is set at least. */
  readonly secret: SecretHash | undefined;
  readonly mtlsSubject: string | undefined;
  /** Unix time in milliseconds after which it no longer works. */
  readonly expiresAtMs: number | undefined;
}

const FIELDS = ['name', 'role', 'secret', 'namespace', 'expires', 'mtls_subject', 'plan'];
/** Every request is compared with all of them: at this number that takes a few milliseconds. */
const CREDENTIALS_MAX = 10_000;

/** The one credential that `auth-token` stands for. Its Basic user name is `admin`. */
export function tokenCredential(token: string): Credential {
  return {
    principal: { name: 'admin', role: 'admin' },
    secret: { kind: 'sha256', digest: sha256(token) },
    mtlsSubject: undefined,
    expiresAtMs: undefined,
  };
}

/**
 * @param plans those that the field `plan` may name
 * @throws CONFIG_INVALID naming the table and the field, never repeating a secret
 */
export function parseCredentials(value: unknown, file: string, plans: readonly Plan[] = PLANS): Credential[] {
  if (!Array.isArray(value)) {
    throw new FacetError('CONFIG_INVALID', `credentials in ${file} must be tables`, {
      hint: 'Write each as [[credentials]] with double brackets.',
    });
  }
  if (value.length > CREDENTIALS_MAX) {
    throw new FacetError('CONFIG_INVALID', `More than ${CREDENTIALS_MAX} credentials in ${file}`);
  }
  const credentials = value.map((entry: unknown, index) =>
    parseCredential(entry, `credentials[${index + 1}] in ${file}`, plans),
  );
  checkNames(credentials, file);
  return credentials;
}

function parseCredential(entry: unknown, place: string, plans: readonly Plan[]): Credential {
  if (entry === null || typeof entry !== 'object') throw wrong(place, 'must be a table');
  const fields = entry as Readonly<Record<string, unknown>>;
  for (const field of Object.keys(fields)) {
    if (FIELDS.includes(field)) continue;
    throw wrong(place, `has the unknown field '${field}'`, didYouMean(field, FIELDS));
  }

  const name = textField(fields, 'name', place);
  if (name === undefined || !/^[A-Za-z0-9._@:-]{1,64}$/.test(name)) {
    throw wrong(place, 'needs a name of 1 to 64 letters, digits or . _ @ : -');
  }
  const role = ROLES.find((known): known is Role => known === fields.role);
  if (role === undefined) throw wrong(place, `(${name}) needs a role: ${ROLES.join(', ')}`);
  const namespace = textField(fields, 'namespace', place);
  if (namespace !== undefined && !/^[a-z][a-z0-9_]{0,47}$/.test(namespace)) {
    throw wrong(place, `(${name}) has a namespace that cannot exist: '${namespace}'`);
  }
  const secret = textField(fields, 'secret', place);
  const mtlsSubject = textField(fields, 'mtls_subject', place);
  if (secret === undefined && mtlsSubject === undefined) {
    throw wrong(place, `(${name}) needs a secret or an mtls_subject`);
  }
  const planName = textField(fields, 'plan', place);
  const plan = planName === undefined ? undefined : planNamed(planName, plans, `${place} (${name}): plan`);
  return {
    principal: { name, role, namespace, ...(plan === undefined ? {} : { plan }) },
    secret: secret === undefined ? undefined : parseSecretHash(secret, `secret of ${place}`),
    mtlsSubject,
    expiresAtMs: expiry(fields.expires, `${place} (${name})`),
  };
}

/** One name may have several secrets while one replaces another, but not two sets of rights. @throws CONFIG_INVALID */
export function checkNames(credentials: readonly Credential[], file: string): void {
  const seen = new Map<string, Principal>();
  for (const { principal } of credentials) {
    const other = seen.get(principal.name);
    if (other && rightsOf(other) !== rightsOf(principal)) {
      throw new FacetError(
        'CONFIG_INVALID',
        `${principal.name} appears twice in ${file} with different rights`,
      );
    }
    seen.set(principal.name, principal);
  }
  const subjects = credentials.flatMap((credential) => credential.mtlsSubject ?? []);
  const twice = subjects.find((subject, index) => subjects.indexOf(subject) !== index);
  if (twice !== undefined) {
    throw new FacetError('CONFIG_INVALID', `mtls_subject '${twice}' appears twice in ${file}`);
  }
}

const rightsOf = ({ role, namespace, plan }: Principal): string =>
  JSON.stringify([role, namespace, plan?.name]);

/** A TOML date-time, or the same as text. Dates without an offset are UTC. */
function expiry(value: unknown, place: string): number | undefined {
  if (value === undefined) return undefined;
  const text = value instanceof Date ? value.toISOString() : value;
  const dated = typeof text === 'string' && /^\d{4}-\d\d-\d\d/.test(text);
  const zoned = dated && text.length > 10 && !/(Z|[+-]\d\d:\d\d)$/i.test(text) ? `${text}Z` : text;
  const ms = dated ? Date.parse(zoned as string) : Number.NaN;
  if (Number.isNaN(ms)) {
    throw wrong(place, `needs expires as a date-time such as ${timestamp(0)}`);
  }
  return ms;
}

function textField(
  fields: Readonly<Record<string, unknown>>,
  field: string,
  place: string,
): string | undefined {
  const value = fields[field];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value === '') throw wrong(place, `has a ${field} that is not text`);
  return value;
}

function wrong(place: string, complaint: string, hint?: string): FacetError {
  return new FacetError('CONFIG_INVALID', `${place} ${complaint}`, { hint });
}
