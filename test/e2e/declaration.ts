import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import type { Document } from 'yaml';
import { repository, writeAtomically } from '../../lab/state.ts';
import { cluster, lab } from './story.ts';

/** Long enough that nothing in a story happens by it: what is repaired is repaired because of an event. */
const intervalSeconds = 900;

interface NodeEntry {
  address: string;
  hostname: string;
  user: string;
  control_plane: boolean;
  labels?: Record<string, string>;
}

const controlPlaneNames = ['cp-1', 'cp-2', 'cp-3'];
export const workerNames = ['worker-1', 'worker-2'];
export const declaredNames = [...controlPlaneNames, ...workerNames];
export const spare = 'spare-1';

export function nodeEntry(name: string): NodeEntry {
  const { address } = lab.node(name);
  return { address, hostname: name, user: 'cke', control_plane: name.startsWith('cp-') };
}

/** Writes examples/demo.yaml, with this lab's nodes and a change of the story's own, and returns the file's path. */
export function writeDeclaration(change: (document: Document) => void = () => undefined): string {
  const document = parseDocument(readFileSync(join(repository, 'examples', 'demo.yaml'), 'utf8'));
  document.set('name', cluster);
  document.set('nodes', document.createNode(declaredNames.map(nodeEntry)));
  document.setIn(['reconcile', 'interval_seconds'], intervalSeconds);
  change(document);
  const file = join(lab.paths.directory, `${String(document.get('name'))}.yaml`);
  writeAtomically(file, document.toString());
  return file;
}
