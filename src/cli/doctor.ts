/**
 * `facet doctor`: what would keep `facet serve` from working here, and what to do about it. Reads the same options
 * as the server does, looks, and repairs nothing.
 */
import { createServer } from 'node:net';
import type { Command } from 'commander';
import { FacetError, NODE_RANGE, VERSION } from '../base/index.ts';
import type { Finding } from '../engine/index.ts';
import { type Config, parseAddress, readConfig } from '../server/index.ts';
import { HttpConnections, readText } from './http.ts';
import { endWithReader, print } from './output.ts';

export function register(program: Command): void {
  program
    .command('doctor')
    .summary('look for what would keep the server from working')
    .description(
      'Looks at Node.js, the options, the ports and the store, and says what to do about what is wrong. Changes ' +
        'nothing. Exit code 1 if something would keep the server from starting.',
    )
    .option('--store <uri>', 'the store to look at (default: as for serve)')
    .action(run);
}

async function run(options: { readonly store?: string }): Promise<void> {
  endWithReader();
  const findings: Finding[] = [];
  const tell = async (found: readonly Finding[]): Promise<void> => {
    findings.push(...found);
    for (const finding of found) await print(findingText(finding));
  };
  await print(`facet ${VERSION} on ${process.platform}-${process.arch}\n`);
  await tell([inspectNode(process.versions.node, NODE_RANGE)]);
  const config = configOrFinding(options.store);
  if ('level' in config) await tell([config]);
  else {
    const http = await inspectPort(parseAddress(config.listen, 'listen'));
    await tell([http]);
    for (const [listener, address] of [
      ['gRPC', config.grpcListen],
      ['Bolt', config.boltListen],
    ] as const) {
      if (address !== 'off') await tell([await inspectFurtherPort(listener, address, http)]);
    }
    const { inspectStore } = await import('../engine/index.ts');
    await tell(await inspectStore(config.store).catch((error: unknown) => [failedFinding('store', error)]));
  }
  const errors = findings.filter((finding) => finding.level === 'error').length;
  const warnings = findings.filter((finding) => finding.level === 'warning').length;
  await print(`${counted(errors, 'error')}, ${counted(warnings, 'warning')}\n`);
  if (errors > 0) process.exitCode = 1;
}

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

const LABELS: Readonly<Record<Finding['level'], string>> = {
  ok: 'ok     ',
  info: 'info   ',
  warning: 'WARNING',
  error: 'ERROR  ',
};

/** One line, and one more for what to do. */
export function findingText(finding: Finding): string {
  const remedy = finding.remedy === undefined ? '' : `${' '.repeat(9)}-> ${finding.remedy}\n`;
  return `${LABELS[finding.level]}  ${finding.subject}: ${finding.message}\n${remedy}`;
}

/** `range` has the form of package.json: `>=20.19`. */
export function inspectNode(version: string, range: string): Finding {
  const numbers = (text: string): number[] => text.replace(/^\D*/, '').split('.').map(Number);
  const [have, want] = [numbers(version), numbers(range)];
  const differsAt = want.findIndex((part, at) => part !== (have[at] ?? 0));
  const enough = differsAt === -1 || (have[differsAt] ?? 0) > (want[differsAt] ?? 0);
  const subject = 'Node.js';
  if (enough) return { level: 'ok', subject, message: version };
  return { level: 'error', subject, message: `${version} is too old`, remedy: `Install a version ${range}.` };
}

function configOrFinding(store: string | undefined): Config | Finding {
  try {
    return readConfig({ flags: store === undefined ? {} : { store } });
  } catch (error) {
    return failedFinding('options', error);
  }
}

function failedFinding(subject: string, error: unknown): Finding {
  const message = error instanceof Error ? error.message : String(error);
  return { level: 'error', subject, message, remedy: error instanceof FacetError ? error.hint : undefined };
}

/** Whether the HTTP listener could be opened, and if not, whether a Facet has it already. */
export async function inspectPort(listen: {
  readonly host: string;
  readonly port: number;
}): Promise<Finding> {
  const subject = 'HTTP port';
  const address = `${listen.host}:${listen.port}`;
  if (listen.port === 0) return { level: 'ok', subject, message: `${address}: the server picks a free one` };
  const refusal = await listenRefusal(listen.host, listen.port);
  if (refusal === undefined) return { level: 'ok', subject, message: `${address} is free` };
  if (refusal === 'EADDRINUSE' && (await facetAnswers(listen.host, listen.port))) {
    return { level: 'info', subject, message: `A server answers at ${address}: Facet runs already` };
  }
  return {
    level: 'error',
    subject,
    message: `${address} cannot be opened (${refusal})`,
    remedy: 'End the program that has it, or choose another address by --listen.',
  };
}

/** As `inspectPort`; that the program which has the port is a Facet is known of its HTTP port. */
async function inspectFurtherPort(
  listener: 'gRPC' | 'Bolt',
  address: string,
  http: Finding,
): Promise<Finding> {
  const subject = `${listener} port`;
  const option = `${listener.toLowerCase()}-listen`;
  const { host, port } = parseAddress(address, option);
  if (port === 0) return { level: 'ok', subject, message: `${address}: the server picks a free one` };
  const refusal = await listenRefusal(host, port);
  if (refusal === undefined) return { level: 'ok', subject, message: `${address} is free` };
  if (http.level === 'info') return { level: 'info', subject, message: `${address} is open` };
  return {
    level: 'error',
    subject,
    message: `${address} cannot be opened (${refusal})`,
    remedy: `End the program that has it, choose another address by --${option}, or say --${option} off.`,
  };
}

/** The error code of opening a listener, or undefined if it opened. */
function listenRefusal(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/** True if the liveness route of a Facet answers there. */
async function facetAnswers(host: string, port: number): Promise<boolean> {
  const connections = new HttpConnections();
  try {
    const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
    const url = new URL(`http://${reached.includes(':') ? `[${reached}]` : reached}:${port}/admin/live`);
    const response = await connections.send({ method: 'GET', url, headers: {} });
    return (await readText(response)).includes('"alive":true');
  } catch {
    return false;
  } finally {
    connections.close();
  }
}
