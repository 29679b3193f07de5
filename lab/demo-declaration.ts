import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from './lab.ts';
import { repository, writeAtomically } from './state.ts';

const example = join(repository, 'examples', 'demo.yaml');

/** A node of the example: its address, which the lab knows better, above its name. */
const nodeLines = /address: \S+\n(\s+)hostname: (\S+)/g;

/** Makes the lab fit the example, whatever was done to it: nodes that are missing are added, cut cables are plugged in. */
export async function ensureNodes(lab: Lab): Promise<void> {
  const there = new Set(lab.nodes().map(({ name }) => name));
  for (const name of namesInExample()) if (!there.has(name)) await lab.addNode(name);
  await Promise.all(lab.nodes().map((node) => node.heal()));
}

/** Writes the example with this lab's addresses beside the lab's other files, and returns the path. */
export function writeDeclaration(lab: Lab): string {
  const file = join(lab.paths.directory, 'cluster.yaml');
  const text = readFileSync(example, 'utf8').replace(
    nodeLines,
    (_lines, indent: string, name: string) => `address: ${lab.node(name).address}\n${indent}hostname: ${name}`,
  );
  writeAtomically(file, text);
  return file;
}

function namesInExample(): string[] {
  return [...readFileSync(example, 'utf8').matchAll(nodeLines)].map(([, , name = '']) => name);
}
