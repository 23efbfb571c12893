/** What `facet doctor` says about a store. Looks, and changes nothing. */
import { asFacetError } from '../base/index.ts';
import { type Finding, inspectEmbedded } from './embedded/index.ts';
import { readMigrations } from './migration-files.ts';
import { query } from './query.ts';
import { majorOf, probe, SERVER_MAJOR_MIN } from './server-access.ts';
import type { Session } from './session.ts';
import type { StoreUri } from './store-location.ts';
import { parseStoreUri } from './store-uri.ts';

/** Findings about the store behind `uri`, in the order of looking. Never rejects: a failure is a finding. */
export async function inspectStore(uri: string): Promise<Finding[]> {
  let location: StoreUri;
  try {
    location = parseStoreUri(uri);
  } catch (error) {
    const known = asFacetError(error);
    return [{ level: 'error', subject: 'store URI', message: known.message, remedy: known.hint }];
  }
  const findings: Finding[] = [{ level: 'ok', subject: 'store URI', message: location.masked }];
  if (location.kind === 'file') return [...findings, ...(await inspectEmbedded(location.directory))];
  if (location.kind === 'memory') {
    findings.push({
      level: 'info',
      subject: 'durability',
      message: 'Data are deleted when the server stops',
    });
    return findings;
  }
  try {
    const session = await probe(location.target, location.database);
    try {
      findings.push(...(await inspectServer(session)));
    } finally {
      await session.close();
    }
  } catch (error) {
    const known = asFacetError(error);
    findings.push({ level: 'error', subject: 'connection', message: known.message, remedy: known.hint });
  }
  return findings;
}

async function inspectServer(session: Session): Promise<Finding[]> {
  const version = session.reported.get('server_version') ?? '';
  const findings: Finding[] = [];
  const add = (
    good: boolean,
    level: Finding['level'],
    subject: string,
    message: string,
    remedy?: string,
  ): void => {
    findings.push({ level: good ? 'ok' : level, subject, message, ...(good ? {} : { remedy }) });
  };
  add(
    majorOf(version) >= SERVER_MAJOR_MIN,
    'error',
    'server version',
    `PostgreSQL ${version}`,
    `Facet needs PostgreSQL ${SERVER_MAJOR_MIN} or newer.`,
  );
  const result = await query(session, FACTS);
  const [wal, canCreate, canCreateDatabase, superuser, recovering, migration, mayReplicate] =
    result.rows[0] ?? [];
  add(
    recovering !== 't',
    'error',
    'server role',
    recovering === 't' ? 'a standby' : 'a primary',
    'Connect to the primary.',
  );
  add(
    canCreate === 't',
    'error',
    'rights',
    canCreate === 't' ? 'may create schemas' : 'may not create schemas',
    'GRANT CREATE ON DATABASE to the role of the store URI.',
  );
  add(
    canCreateDatabase === 't',
    'info',
    'namespaces',
    canCreateDatabase === 't' ? 'databases are created on first use' : 'the role may not create databases',
    'Give the role CREATEDB, or create the databases of further namespaces beforehand.',
  );
  add(
    superuser === 't',
    'info',
    'table times',
    superuser === 't' ? 'an event trigger keeps them' : 'not known: event triggers need a superuser',
    'Nothing to do unless created_at and modified_at of tables matter to you.',
  );
  add(
    wal === 'logical' && mayReplicate === 't',
    'info',
    'change feed',
    wal !== 'logical'
      ? `by triggers, as wal_level is ${wal}`
      : mayReplicate === 't'
        ? 'by logical decoding'
        : 'by triggers, as the role may not replicate',
    'Triggers cost every write to a followed table; set wal_level = logical and give the role REPLICATION.',
  );
  findings.push(...(await inspectChanges(session)));
  if (migration === null) {
    findings.push({ level: 'info', subject: 'migrations', message: 'none applied yet' });
  } else {
    const applied = await query(session, 'SELECT count(*) FROM facet.migration');
    const message = `${applied.rows[0]?.[0]} applied, ${readMigrations().length} shipped`;
    findings.push({ level: 'ok', subject: 'migrations', message });
  }
  return findings;
}

/** The slots of this database, and whether further ones could be made. */
async function inspectChanges(session: Session): Promise<Finding[]> {
  const findings: Finding[] = [];
  const { rows } = await query(session, SLOTS);
  const room = (await query(session, ROOM)).rows[0] ?? [];
  const [mayReplicate, slotsFree, sendersFree] = room;
  for (const [name, status, active, retained] of rows) {
    const lost = status === 'lost';
    if (!lost && active !== 't' && mayReplicate !== 't') {
      findings.push({
        level: 'warning',
        subject: 'change feed',
        message: `slot ${name}: of no use, as changes are followed by triggers, and keeps ${retained}`,
        remedy: `As a role that may replicate: SELECT pg_drop_replication_slot('${name}')`,
      });
      continue;
    }
    findings.push({
      level: lost ? 'warning' : 'ok',
      subject: 'change feed',
      message: lost
        ? `slot ${name}: PostgreSQL has removed what it kept`
        : `slot ${name}: ${active === 't' ? 'followed' : 'at rest'}, keeps ${retained}`,
      ...(lost ? { remedy: 'It is made anew at the next use; consumers that were behind begin anew.' } : {}),
    });
  }
  const lacks = [
    ...(mayReplicate === 't' ? [] : ['the role may not replicate']),
    ...(Number(slotsFree) > 0 ? [] : ['no replication slot is free']),
    ...(Number(sendersFree) > 0 ? [] : ['no WAL sender is free']),
  ];
  findings.push({
    level: lacks.length === 0 ? 'ok' : 'info',
    subject: 'replication',
    message:
      lacks.length === 0 ? `${slotsFree} slots and ${sendersFree} WAL senders are free` : lacks.join(', '),
    ...(lacks.length === 0
      ? {}
      : { remedy: 'ALTER ROLE … REPLICATION, max_replication_slots and max_wal_senders.' }),
  });
  return findings;
}

const SLOTS = `
  SELECT slot_name, wal_status, active, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn))
  FROM pg_replication_slots WHERE database = current_database() AND NOT temporary
    AND starts_with(slot_name, 'facet_') AND NOT pg_is_in_recovery()`;

const ROOM = `
  SELECT rolreplication OR rolsuper,
         current_setting('max_replication_slots')::int - (SELECT count(*) FROM pg_replication_slots),
         current_setting('max_wal_senders')::int - (SELECT count(*) FROM pg_stat_replication)
  FROM pg_roles WHERE rolname = current_user`;

const FACTS = `
  SELECT current_setting('wal_level'), has_database_privilege(current_database(), 'CREATE'),
         rolcreatedb OR rolsuper, rolsuper, pg_is_in_recovery(), to_regclass('facet.migration'),
         rolreplication OR rolsuper
  FROM pg_roles WHERE rolname = current_user`;
