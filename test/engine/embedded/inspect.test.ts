/** What doctor is told in each state of a data directory. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Finding, inspectEmbedded } from '../../../src/engine/embedded/index.ts';
import { folder, IS_ROOT, runs, start, startOwner, until } from './fixture.ts';

const about = (findings: readonly Finding[], subject: string): Finding[] =>
  findings.filter((finding) => finding.subject === subject);

describe('inspectEmbedded', () => {
  it('finds nothing wrong before the first start', async () => {
    const findings = await inspectEmbedded(join(folder(), 'not', 'yet'));
    expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
    expect(about(findings, 'data directory')[0]?.message).toContain('the first start makes it');
    expect(about(findings, 'binaries')[0]?.message).toMatch(/PostgreSQL 18\.\d+/);
    expect(about(findings, 'disk space')[0]?.message).toMatch(/\d+ MiB free/);
  });

  it('names the owner of a directory in use', async () => {
    const server = await start({ dataDirectory: folder() });
    const findings = await inspectEmbedded(server.dataDirectory);
    expect(about(findings, 'owner')).toEqual([
      expect.objectContaining({ level: 'ok', message: `In use by process ${process.pid}` }),
    ]);
  });

  it('tells what a killed owner left, and repairs nothing', async () => {
    const dataDirectory = folder();
    const owner = await startOwner({ dataDirectory });
    owner.child.kill('SIGKILL');
    await until(() => !runs(owner.pid) && !runs(owner.server.pid));
    writeFileSync(join(dataDirectory, 'postgres', 'postmaster.pid'), '4194300\n');
    const findings = about(await inspectEmbedded(dataDirectory), 'owner');
    expect(findings.map(({ message }) => message).join()).toContain(`Process ${owner.pid}, the last owner`);
    expect(findings.map(({ message }) => message).join()).toContain('postmaster.pid names process 4194300');
    expect(about(await inspectEmbedded(dataDirectory), 'owner')).toEqual(findings);
  });

  it('tells of a version that does not fit and of a setting that takes logical decoding away', async () => {
    const dataDirectory = folder();
    await (await start({ dataDirectory })).stop();
    writeFileSync(join(dataDirectory, 'postgres', 'PG_VERSION'), '15\n');
    writeFileSync(join(dataDirectory, 'postgres', 'custom.conf'), 'wal_level = replica\n');
    const findings = await inspectEmbedded(dataDirectory);
    expect(about(findings, 'data directory')[0]).toMatchObject({ level: 'error', remedy: expect.anything() });
    expect(about(findings, 'settings')[0]).toMatchObject({ level: 'warning', remedy: expect.anything() });
  });

  // Only root runs PostgreSQL as someone who cannot pass.
  it.runIf(IS_ROOT)('names the private folder above the data', async () => {
    const home = folder(0o700);
    const server = await start({ dataDirectory: join(home, 'data') });
    const found = about(await inspectEmbedded(server.dataDirectory), 'data directory');
    expect(found.find(({ level }) => level === 'info')?.message).toContain(home);
  });
});
