/** One line of the table: what was measured here, and what CKE itself takes in such a lab. */
export interface Figure {
  what: string;
  ours: string;
  /** CKE 1.35.4 on the same machine, at its default interval of a minute unless it says otherwise. */
  cke?: string;
  goal?: string;
}

/** The `share`-quantile (0.5 is the median) of measured values, by nearest rank. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}

export const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

export const whole = (value: number, unit: string): string => `${Math.round(value)} ${unit}`;

/** `p50 / p95` of durations in milliseconds. */
export function spread(durations: readonly number[], say: (milliseconds: number) => string = seconds): string {
  return `${say(quantile(durations, 0.5))} / ${say(quantile(durations, 0.95))}`;
}
