import { type Command, Option } from 'commander';
import { certificateKinds, type CertificateKind } from '../cluster/certificates/certificate.ts';
import { holdings } from '../cluster/certificates/holders.ts';
import { components } from '../cluster/components/component.ts';
import type { Scope } from '../cluster/certificates/view.ts';

export interface ScopeOptions {
  kind?: CertificateKind;
  node?: string;
}

/** Kinds that nodes hold: the others end within days. */
const kinds = certificateKinds.filter((kind) => components.some((component) => component === holdings[kind].holder));

export function withScope(command: Command): Command {
  return command
    .addOption(new Option('--kind <kind>', 'only certificates of this kind').choices(kinds))
    .addOption(new Option('--node <name>', 'only those of this node'));
}

/** Which certificates a person means: all, unless flags say otherwise. */
export function certificateScope({ kind, node }: ScopeOptions): Scope {
  return { ...(kind && { kind }), ...(node !== undefined && { node }) };
}
