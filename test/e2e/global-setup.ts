import { lab } from './story.ts';

/** With CKE_E2E_KEEP=1 the lab is taken as it is and left as it is, for looking around in it. */
const keep = process.env['CKE_E2E_KEEP'] === '1';

/** One lab for all stories: brought up by the first that needs it, taken down after the last. */
export async function setup(): Promise<void> {
  if (!keep) await lab.down();
}

export async function teardown(): Promise<void> {
  if (!keep) await lab.down();
}
