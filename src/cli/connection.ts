/** The options by which a client command finds its server, and the client they make. */
import { type Command, InvalidArgumentError } from 'commander';
import { clientVariable } from '../server/index.ts';
import { ServerClient } from './client.ts';

const DEFAULT_URL = 'http://127.0.0.1:8088';

export interface ConnectionOptions {
  readonly url?: string;
  readonly token?: string;
}

/** Adds `--url` and `--token` to a command. */
export function addConnectionOptions(command: Command): Command {
  return command
    .option('--url <url>', `address of the server (default: FACET_URL, else ${DEFAULT_URL})`, httpUrl)
    .option('--token <token>', 'secret of the credentials to use (default: FACET_TOKEN)');
}

export const connect = (options: ConnectionOptions): ServerClient =>
  new ServerClient(urlOf(options), options.token ?? clientVariable('FACET_TOKEN'));

/** The address that the options name, or the environment. */
export const urlOf = ({ url }: ConnectionOptions): string =>
  url ?? httpUrl(clientVariable('FACET_URL') ?? DEFAULT_URL);

function httpUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new InvalidArgumentError(`'${text}' is not an http:// or https:// address.`);
  }
  return text;
}
