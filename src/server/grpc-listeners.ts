/** Several gRPC listeners as one, for whoever counts, drains and closes them. */
import { asFacetError } from '../base/index.ts';
import type { GrpcListener } from '../dialects/grpc/index.ts';
import { hostOf, listenError } from './listeners.ts';
import { formatAddress, parseAddress } from './option-values.ts';

/** What of a listener does not depend on where it listens. */
export type OpenGrpc = Omit<GrpcListener, 'listen'>;

export const together = (listeners: readonly GrpcListener[]): OpenGrpc => ({
  connections: () => listeners.reduce((sum, listener) => sum + listener.connections(), 0),
  stopServing: () => {
    for (const listener of listeners) listener.stopServing();
  },
  idle: async () => {
    await Promise.all(listeners.map((listener) => listener.idle()));
  },
  cancel: () => {
    for (const listener of listeners) listener.cancel();
  },
  close: async () => {
    await Promise.all(listeners.map((listener) => listener.close()));
  },
});

/** @param option the one that chooses the address. @returns `host:port`. @throws LISTEN_FAILED */
export async function listenOn(
  listener: Pick<GrpcListener, 'listen'>,
  text: string,
  option: string,
): Promise<string> {
  const address = parseAddress(text, option);
  const host = hostOf(address);
  try {
    const port = await listener.listen({ host, port: address.port });
    return formatAddress({ host: address.host === 'localhost' ? 'localhost' : host, port });
  } catch (error) {
    const explained = listenError(error, formatAddress(address), `--${option}`);
    throw explained instanceof Error ? explained : asFacetError(explained);
  }
}
