import type { AcceptedDeclarations } from '../../../activities/declarations.ts';
import type { Store } from '../../../activities/store/store.ts';
import type { ClusterTrust } from '../../../cluster/certificates/trust.ts';
import { CkeError } from '../../../cluster/errors.ts';
import type { Run } from '../calls.ts';
import { latest } from '../model/world.ts';
import type { Simulation } from '../simulation.ts';
import type { Truth } from './truth.ts';

/** The management etcd, as far as campaigns go: intent that is changed by compare-and-swap. */
export function modelStore({ world, calls }: Simulation, truth: Truth, run: Run): Store {
  const write = <T>(what: string, act: () => T) => calls.effect({ what: `store: ${what}`, run, act });
  const encryption: Store['encryption'] = {
    get: async () => {
      const { encryption: value } = world.records;
      return value && { value, version: String(truth.recordVersion) };
    },
    put: (_cluster, record, { version }) =>
      write(`encryption, ${record.change?.stage ?? 'settled'}`, () => {
        const same = JSON.stringify(world.records.encryption) === JSON.stringify(record);
        if (!same && version !== String(truth.recordVersion)) throw conflict('the record of encryption');
        if (!same) {
          world.records = { ...world.records, encryption: record };
          truth.recordVersion += 1;
        }
        return { value: record, version: String(truth.recordVersion) };
      }),
  };
  const declarations: Pick<Store['declarations'], 'putTrust'> = {
    putTrust: (_cluster, trust, { expectedRevision }) =>
      write(`trust ${stagesOf(trust).join()}`, () => {
        if (world.declarations.length !== expectedRevision) throw conflict('the declaration');
        return world.declarations.push({ ...latest(world), trust });
      }),
  };
  const store = {
    encryption,
    declarations,
    pauses: { get: async () => undefined },
    approvals: { list: async () => truth.answers },
    records: { all: async () => world.records },
    rotations: { list: async () => world.records.rotations ?? [] },
  };
  return store as unknown as Store;
}

export function modelDeclarations({ world }: Simulation): AcceptedDeclarations {
  return {
    get: async (_cluster, revision) => {
      const number = revision === 'latest' ? world.declarations.length : revision;
      const declaration = world.declarations[number - 1];
      if (declaration === undefined) throw conflict(`revision ${number}`);
      return { declaration, revision: number };
    },
  };
}

const stagesOf = (trust: ClusterTrust): string[] => Object.values(trust).map(({ stage }) => stage);

function conflict(what: string): CkeError {
  return new CkeError({ code: 'StoreConflict', message: `${what} was changed in the meantime`, remedy: 'retry' });
}
