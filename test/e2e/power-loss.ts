import { status } from './story.ts';

/** Whether the last report is held up, and names that node. */
export async function saysMissing(node: string): Promise<true | undefined> {
  const report = (await status()).status?.lastReport;
  const named = report?.blockers.some((one) => one.node === node || one.because.includes(node));
  return (report?.outcome !== 'converged' && named) || undefined;
}
