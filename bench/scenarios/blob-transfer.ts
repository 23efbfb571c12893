/** One artifact of 1 GiB in and out, beside the same bytes as rows: what chunks, hashes and verifying cost on top. */
import { LOAD_CORE } from '../pin.ts';
import { peakMemoryMb, startProgram } from '../processes.ts';
import type { Round, Scenario, Size } from '../scenario.ts';
import { ownPostgres } from './model-side.ts';

const MIB = 1024 * 1024;

const bytesOf = ({ smoke, rounds }: Size): number => (!smoke ? 1_024 : rounds > 1 ? 128 : 16) * MIB;

const transfer = (name: string, what: string, ours: string, bare: string): Scenario => ({
  name,
  question: `${what} 1 GiB as one artifact, in pieces of 64 KiB, against rows of 256 KiB bytea with pg alone`,
  unit: 'MB/s',
  target: 0.5,
  bounds: { peakMemoryMb: 250 },
  async prepare(surroundings) {
    const bytes = bytesOf(surroundings.size);
    const { uri, client } = await ownPostgres(surroundings);
    const model = startProgram('blobs', LOAD_CORE);
    surroundings.defer(model.stop);
    const peer = startProgram('blobs', LOAD_CORE);
    surroundings.defer(peer.stop);
    await model.ask({ do: 'openModel', uri });
    await peer.ask({ do: 'openBare', connection: client });
    return {
      ours: { name: `blob.${ours}`, round: () => model.ask<Round>({ do: ours, bytes }) },
      peer: { name: 'pg', round: () => peer.ask<Round>({ do: bare, bytes }) },
      async finish(): Promise<Record<string, number>> {
        const peak = peakMemoryMb(model.pid);
        return peak === undefined ? {} : { peakMemoryMb: Math.round(peak) };
      },
    };
  },
});

export const blobTransfer: readonly Scenario[] = [
  transfer('blob-upload', 'storing', 'upload', 'write'),
  transfer('blob-download', 'reading', 'download', 'read'),
];
