import type { Declaration } from '../declaration.ts';
import { parseDeclaration } from '../parse.ts';
import type { Problem } from '../problem.ts';

/** A small valid document, with these lines in the place of the fields of the same name. */
export function document(fields: Record<string, string> = {}): string {
  const base: Record<string, string> = {
    name: 'name: demo',
    nodes:
      'nodes:\n  - {address: 10.0.0.11, hostname: cp-1, user: cke, control_plane: true}\n  - {address: 10.0.0.21, hostname: worker-1, user: cke}',
    service_subnet: 'service_subnet: 10.96.0.0/16',
  };
  return `${Object.values({ ...base, ...fields }).join('\n')}\n`;
}

/** The nodes of a document in flow style, one text per node. */
export function nodes(...entries: string[]): { nodes: string } {
  return { nodes: `nodes:\n${entries.map((entry) => `  - {${entry}}`).join('\n')}` };
}

/** One control plane and a worker that has these fields (or others in the place of its own). */
export function worker(fields: string): { nodes: string } {
  return nodes('address: 10.0.0.11, hostname: cp-1, user: cke, control_plane: true', fields);
}

/** Some control planes and some workers. */
export function fleet(controlPlanes: number, workers = 0): { nodes: string } {
  const line = (index: number) =>
    `address: 10.0.0.${index + 1}, user: cke${index < controlPlanes ? ', control_plane: true' : ''}`;
  return nodes(...Array.from({ length: controlPlanes + workers }, (_, index) => line(index)));
}

/** Secrets that Vault wraps the keys of. */
export const withKms = {
  secrets_encryption:
    'secrets_encryption: {provider: kms, vault: {address: "https://10.0.0.5:8200", ca: "-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----"}}',
};

/** Options of one component. */
export function options(component: string, fields: string): { options: string } {
  return { options: `options:\n  ${component}: {${fields}}` };
}

/** The declaration of a document that must be valid. */
export function accepted(text: string): Declaration {
  const parsing = parseDeclaration(text);
  if (parsing.outcome === 'refused') throw new Error(`refused: ${JSON.stringify(parsing.problems)}`);
  return parsing.declaration;
}

/** The problems of a document that must be refused. */
export function refused(source: string | Uint8Array): Problem[] {
  const parsing = parseDeclaration(source);
  if (parsing.outcome === 'accepted') throw new Error('accepted, and should have been refused');
  return parsing.problems;
}
