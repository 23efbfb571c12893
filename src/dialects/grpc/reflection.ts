/**
 * Server reflection (grpc.reflection.v1, and v1alpha for older clients): the descriptors of all services on the listener,
 * so that a client needs no .proto file. What it tells is the API's public description, the same for everyone.
 */
import {
  create,
  createRegistry,
  type DescFile,
  type Message,
  type MessageInitShape,
  type MessageShape,
  type Registry,
  toBinary,
} from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import type { Server, ServerDuplexStream } from '@grpc/grpc-js';
import { decoded } from './codec.ts';
import { GRPC, shortened } from './errors.ts';
import { file_grpc_health_v1_health } from './gen/grpc/health/v1/health_pb.ts';
import {
  file_grpc_reflection_v1_reflection,
  type ServerReflectionRequest,
  ServerReflectionRequestSchema,
  ServerReflectionResponseSchema,
} from './gen/grpc/reflection/v1/reflection_pb.ts';
import { identity } from './native.ts';
import type { GrpcDialect } from './surface.ts';

const PATHS = ['v1', 'v1alpha'].map(
  (version) => `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
);

export function addReflection(server: Server, all: readonly GrpcDialect[]): void {
  const dialects = all.filter(({ isReflected }) => isReflected !== false);
  if (dialects.length === 0) return;
  let known: Descriptors | undefined;
  const handler = (call: ServerDuplexStream<Buffer, Buffer>): void => {
    call.on('data', (bytes: Buffer) => {
      known ??= new Descriptors(dialects);
      try {
        const request = decoded(ServerReflectionRequestSchema, bytes) as ServerReflectionRequest;
        if (!call.write(Buffer.from(toBinary(ServerReflectionResponseSchema, known.answer(request))))) {
          // One who asks without reading is not read from.
          call.pause();
          call.once('drain', () => call.resume());
        }
      } catch {
        call.emit('error', { code: GRPC.INVALID_ARGUMENT, details: 'The request does not decode' });
      }
    });
    call.on('end', () => call.end());
  };
  const same = (bytes: Buffer): Buffer => bytes;
  for (const path of PATHS) server.register(path, handler, same, identity, 'bidi');
}

type Found = NonNullable<
  Exclude<MessageInitShape<typeof ServerReflectionResponseSchema>, Message>['messageResponse']
>;

class Descriptors {
  readonly #services: readonly string[];
  readonly #registry: Registry;
  readonly #files = new Map<string, DescFile>();

  constructor(dialects: readonly GrpcDialect[]) {
    const services = dialects.flatMap(({ procedures }) => procedures.map(({ method }) => method.parent));
    const files = [
      ...services.map(({ file }) => file),
      file_grpc_health_v1_health,
      file_grpc_reflection_v1_reflection,
    ];
    for (const file of files) this.#add(file);
    this.#registry = createRegistry(...this.#files.values());
    this.#services = [...this.#files.values()].flatMap((file) =>
      file.services.map(({ typeName }) => typeName),
    );
  }

  answer(request: ServerReflectionRequest): MessageShape<typeof ServerReflectionResponseSchema> {
    return create(ServerReflectionResponseSchema, {
      validHost: request.host,
      originalRequest: request,
      messageResponse: this.#find(request.messageRequest),
    });
  }

  #find(asked: ServerReflectionRequest['messageRequest']): Found {
    switch (asked.case) {
      case 'listServices':
        return {
          case: 'listServicesResponse',
          value: { service: this.#services.map((name) => ({ name })) },
        };
      case 'fileByFilename':
        return this.#withImports(this.#files.get(asked.value.replace(/\.proto$/, '')), asked.value);
      case 'fileContainingSymbol':
        return this.#withImports(this.#fileOf(asked.value), asked.value);
      case 'allExtensionNumbersOfType':
      case 'fileContainingExtension':
        return notFound('Extensions: there are none');
      case undefined:
        return failure(GRPC.INVALID_ARGUMENT, 'The request asks for nothing');
    }
  }

  /** Types, services, and their members by the name of what they belong to. */
  #fileOf(symbol: string): DescFile | undefined {
    for (
      let name = symbol.replace(/^\./, '');
      name !== '';
      name = name.slice(0, Math.max(0, name.lastIndexOf('.')))
    ) {
      const found = this.#registry.get(name);
      if (found !== undefined) return found.file;
    }
    return undefined;
  }

  #withImports(file: DescFile | undefined, asked: string): Found {
    if (file === undefined) return notFound(asked);
    const files = new Set<DescFile>();
    const visit = (each: DescFile): void => {
      if (files.has(each)) return;
      files.add(each);
      for (const imported of each.dependencies) visit(imported);
    };
    visit(file);
    const fileDescriptorProto = [...files].map(({ proto }) => toBinary(FileDescriptorProtoSchema, proto));
    return { case: 'fileDescriptorResponse', value: { fileDescriptorProto } };
  }

  #add(file: DescFile): void {
    this.#files.set(file.name, file);
    for (const imported of file.dependencies) this.#add(imported);
  }
}

const failure = (errorCode: number, errorMessage: string): Found => ({
  case: 'errorResponse',
  value: { errorCode, errorMessage },
});

const notFound = (asked: string): Found => failure(GRPC.NOT_FOUND, `Not found: ${shortened(asked)}`);
