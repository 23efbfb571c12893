/**
 * Front door of the Neumann dialect: its services over gRPC. How they are served is dialects/grpc; what a statement does is
 * statements/, and which numbers its answers have is wire/.
 */
import type { GrpcDialect } from '../grpc/index.ts';
import { claimBy } from './caller.ts';
import { wordsOf } from './errors.ts';
import { Marks } from './marks.ts';
import { Cursors, isWell, proceduresOf, type Service } from './services/index.ts';
import type { NeumannSettings } from './settings.ts';
import { wireOf } from './wire/index.ts';

export type { NeumannSettings } from './settings.ts';

/** One for all ways in: they share cursors, and how the services fare. */
export function createNeumannGrpc(settings: NeumannSettings): GrpcDialect {
  const service: Service = {
    wire: wireOf(settings.wire),
    settings,
    marks: new Marks(),
    cursors: new Cursors(),
  };
  return {
    name: 'neumann',
    procedures: proceduresOf(service),
    wordsOf,
    claimOf: claimBy(settings),
    messageBound: { bytesMax: settings.messageBytesMax, option: 'neumann-max-message-size' },
    isReflected: settings.isReflected,
    isWell: isWell(service),
  };
}
