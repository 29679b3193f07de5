import { writeFile } from 'node:fs/promises';
import { argv } from 'node:process';
import { bundle } from './bundle.ts';

/** Writes the workflow bundle to the file named by the first argument: used when the Docker image is built. */
const [, , target = 'workflow-bundle.js'] = argv;
await writeFile(target, await bundle());
console.log(`workflow bundle written to ${target}`);
