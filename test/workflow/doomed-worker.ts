import { readFile } from 'node:fs/promises';
import { argv, stdout } from 'node:process';
import { NativeConnection } from '@temporalio/worker';
import { createWorker } from '../../worker/temporal.ts';
import { attributes, perform, toDo } from './script.ts';

/** A worker that begins a step and never ends it: killed by the test that starts it. Arguments: address, task queue, bundle. */
const [, , address = '', taskQueue = '', bundle = ''] = argv;
const { activities } = perform({
  look: () => toDo(attributes(['cp-1'])),
  step: ({ node }) => {
    stdout.write(`updateNodeAttributes ${node}\n`);
    return new Promise(() => undefined);
  },
});
const worker = await createWorker({
  connection: await NativeConnection.connect({ address }),
  namespace: 'default',
  taskQueue,
  bundle: { code: await readFile(bundle, 'utf8'), digest: 'under-test' },
  activities,
});
await worker.run();
