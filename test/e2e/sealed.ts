import { setTimeout as sleep } from 'node:timers/promises';
import { cke, cluster, figure, lab, seconds, until } from './story.ts';

/** Seals Vault for so long, and no shorter than until `status` says so; then `meanwhile` is looked at, and Vault is unsealed. */
export async function whileSealed(sealedSeconds: number, meanwhile: () => Promise<void>): Promise<void> {
  await lab.sealVault();
  const sealed = performance.now();
  try {
    await until('status that speaks of the seal', saysSealed, { seconds: 120, everyMilliseconds: 1000 });
    figure('Vault sealed to status', seconds(performance.now() - sealed));
    await sleep(Math.max(0, sealedSeconds * 1000 - (performance.now() - sealed)));
    await meanwhile();
  } finally {
    await lab.unsealVault();
  }
}

async function saysSealed(): Promise<true | undefined> {
  return /sealed/i.test((await cke('status', '--cluster', cluster)).stdout) || undefined;
}
