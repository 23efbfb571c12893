/**
 * A client of gRPC that knows nothing but the address: it asks the server for its descriptors by reflection and builds
 * itself from them with the official libraries, as grpcurl does.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import {
  type ChannelCredentials,
  type Client,
  type ClientOptions,
  type ClientReadableStream,
  type ClientWritableStream,
  credentials,
  loadPackageDefinition,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer, loadSync } from '@grpc/proto-loader';
import type { Leaves } from './leaves.ts';

const READ_AS = { keepCase: true, longs: String, enums: String, defaults: true, oneofs: true };

export interface CallOptions {
  readonly metadata?: Readonly<Record<string, string>>;
  /** From now. */
  readonly deadlineMs?: number;
}

export interface GrpcClient {
  /** Calls `thunder.ThunderQuery/Execute` and the like. @throws ServiceError */
  call(path: string, request?: object, options?: CallOptions): Promise<Leaves>;
  /** The stream of a procedure that has one. */
  open(path: string, request?: object, options?: CallOptions): ClientReadableStream<Leaves>;
  /** All messages of such a stream. @throws ServiceError */
  collect(path: string, request?: object, options?: CallOptions): Promise<Leaves[]>;
  /** Begins a procedure that takes a stream; `answer` settles when the server has answered. */
  openSend(path: string, options?: CallOptions): Sending;
  /** Sends all messages of such a stream. @throws ServiceError */
  send(path: string, messages: Iterable<object>, options?: CallOptions): Promise<Leaves>;
  /** Names of the services that reflection lists. */
  readonly services: readonly string[];
  close(): void;
}

export interface Sending {
  readonly stream: ClientWritableStream<object>;
  /** @throws ServiceError */
  readonly answer: Promise<Leaves>;
}

type Stub = Client & Record<string, (...args: unknown[]) => unknown>;
type StubClass = new (address: string, how: ChannelCredentials, options?: ClientOptions) => Stub;

/** By the official .proto file of the reflection service. */
function reflectionClass(version: string): StubClass {
  const folder = dirname(createRequire(import.meta.url).resolve('@grpc/reflection/package.json'));
  const path = join(folder, `build/proto/grpc/reflection/${version}/reflection.proto`);
  return at(loadPackageDefinition(loadSync(path, READ_AS)), `grpc.reflection.${version}.ServerReflection`);
}

const at = (tree: object, path: string): StubClass => {
  let found: unknown = tree;
  for (const part of path.split('.')) found = (found as Record<string, unknown>)[part];
  return found as StubClass;
};

export async function grpcClient(
  address: string,
  how: ChannelCredentials = credentials.createInsecure(),
  options: ClientOptions = {},
  version = 'v1',
): Promise<GrpcClient> {
  const Reflection = reflectionClass(version);
  const reflection = new Reflection(address, how, options);
  const ask = (request: object): Promise<Leaves> => askOnce(reflection, request);
  const listed = await ask({ list_services: '' });
  const services: string[] = listed.list_services_response.service.map(({ name }: { name: string }) => name);
  const files = new Map<string, Buffer>();
  for (const service of services) {
    const found = await ask({ file_containing_symbol: service });
    for (const file of found.file_descriptor_response.file_descriptor_proto as Buffer[]) {
      files.set(file.toString('base64'), file);
    }
  }
  reflection.close();
  const tree = loadPackageDefinition(loadFileDescriptorSetFromBuffer(setOf([...files.values()]), READ_AS));
  const stubs = new Map<string, Stub>();
  const method = (path: string) => {
    const [service = '', name = ''] = path.split('/');
    let stub = stubs.get(service);
    if (stub === undefined) {
      stub = new (at(tree, service))(address, how, options);
      stubs.set(service, stub);
    }
    const found = stub[name];
    if (found === undefined) throw new Error(`reflection knows no ${path}`);
    return found.bind(stub);
  };
  const extras = ({ metadata = {}, deadlineMs }: CallOptions) => {
    const sent = new Metadata();
    for (const [name, value] of Object.entries(metadata)) sent.set(name, value);
    return [sent, deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs }] as const;
  };
  const open = (path: string, request: object = {}, given: CallOptions = {}) =>
    method(path)(request, ...extras(given)) as ClientReadableStream<Leaves>;
  const openSend = (path: string, given: CallOptions = {}): Sending => {
    let stream: ClientWritableStream<object> | undefined;
    const answer = new Promise<Leaves>((resolve, reject) => {
      const told = (error: ServiceError | null, found: Leaves): void =>
        error === null ? resolve(found) : reject(error);
      stream = method(path)(...extras(given), told) as ClientWritableStream<object>;
    });
    answer.catch(() => {});
    if (stream === undefined) throw new Error(`${path} takes no stream`);
    return { stream, answer };
  };
  return {
    services,
    openSend,
    send: async (path, messages, given = {}) => {
      const { stream, answer } = openSend(path, given);
      for (const message of messages) stream.write(message);
      stream.end();
      return await answer;
    },
    call: (path, request = {}, given = {}) =>
      new Promise((resolve, reject) => {
        method(path)(request, ...extras(given), (error: ServiceError | null, answer: Leaves) =>
          error === null ? resolve(answer) : reject(error),
        );
      }),
    open,
    collect: async (path, request = {}, given = {}) => {
      const messages: Leaves[] = [];
      for await (const message of open(path, request, given)) messages.push(message as Leaves);
      return messages;
    },
    close() {
      for (const stub of stubs.values()) stub.close();
    },
  };
}

function askOnce(reflection: Stub, request: object): Promise<Leaves> {
  return new Promise((resolve, reject) => {
    const call = reflection.ServerReflectionInfo?.call(reflection) as NodeJS.EventEmitter & {
      write(message: object): void;
      end(): void;
    };
    call.once('data', (answer: Leaves) => {
      resolve(answer);
      call.end();
    });
    call.on('error', reject);
    call.write(request);
  });
}

/** A FileDescriptorSet: its only field, with each file. */
function setOf(files: readonly Buffer[]): Buffer {
  return Buffer.concat(
    files.flatMap((file) => {
      const length: number[] = [];
      let rest = file.length;
      for (; rest > 0x7f; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
      return [Buffer.from([0x0a, ...length, rest]), file];
    }),
  );
}

/** Reason and metadata of a failed call, from `grpc-status-details-bin`; the call must fail. */
export async function grpcFailure(work: Promise<unknown>): Promise<ServiceError & { readonly info: string }> {
  try {
    await work;
  } catch (thrown) {
    const error = thrown as ServiceError;
    const [details] = error.metadata?.get('grpc-status-details-bin') ?? [];
    return Object.assign(error, { info: Buffer.isBuffer(details) ? details.toString('latin1') : '' });
  }
  throw new Error('the call did not fail');
}
