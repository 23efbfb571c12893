/** What the configuration says about the services of Neumann, as their dialect and the HTTP listener take it. */
import type { CorsRules } from '../dialects/grpc/index.ts';
import type { NeumannSettings } from '../dialects/neumann/index.ts';
import type { Config } from './config.ts';
import { corsOrigins } from './config-checks.ts';

/** @param defaultNamespace the only one that callers without a key reach */
export function neumannSettings(config: Config, defaultNamespace: string): NeumannSettings {
  const isOpen = config.credentials.length === 0 && config.hubUrl === null;
  return {
    wire: config.neumannWire,
    messageBytesMax: config.neumannMaxMessageSize,
    uploadBytesMax: config.neumannMaxUploadSize,
    blobChunkBytes: config.neumannBlobChunkSize,
    streamCapacity: config.neumannStreamChannelCapacity,
    apiKeyHeader: config.neumannApiKeyHeader,
    // Where nobody has to say who they are, everyone is somebody already.
    anonymous:
      config.neumannAllowAnonymous && !isOpen
        ? { name: '', role: config.neumannAnonymousRole, namespace: defaultNamespace }
        : undefined,
    subjects: new Set(config.credentials.flatMap(({ mtlsSubject }) => mtlsSubject ?? [])),
    isReflected: config.neumannEnableReflection,
  };
}

export function neumannCors(config: Config): CorsRules | undefined {
  const origins = corsOrigins(config);
  return origins.length === 0 ? undefined : { origins, headers: [config.neumannApiKeyHeader] };
}
