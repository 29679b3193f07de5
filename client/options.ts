import { env } from 'node:process';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type OutputFormat, outputFormats } from './output.ts';

/** Options that every command which talks to the manager has. */
export interface ConnectionOptions {
  config?: string;
}

export interface ClusterOptions extends ConnectionOptions {
  cluster?: string;
}

export interface OutputOptions {
  output: OutputFormat;
}

export function withConfig(command: Command): Command {
  return command.addOption(
    new Option('--config <file>', 'settings of the manager (default: $CKE_CONFIG, then /etc/cke/cke.yaml)'),
  );
}

export function withCluster(command: Command): Command {
  return withConfig(command).addOption(
    new Option('-c, --cluster <name>', 'which cluster (default: $CKE_CLUSTER, or the only one)'),
  );
}

export function withOutput(command: Command): Command {
  return command.addOption(new Option('-o, --output <format>', 'how to print').choices(outputFormats).default('table'));
}

/** The cluster that a person named, by flag or environment. */
export function namedCluster({ cluster }: ClusterOptions): string | undefined {
  const named = cluster ?? env['CKE_CLUSTER'];
  return named === '' ? undefined : named;
}

export function positiveWhole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('want a whole number from 1.');
  return value;
}

/** Hours of `30m`, `2h`, `1h30m`; 48 at most. */
export function lifetimeHours(text: string): number {
  const parts = /^(?:(\d+)h)?(?:(\d+)m)?$/u.exec(text);
  const hours = Number(parts?.[1] ?? 0) + Number(parts?.[2] ?? 0) / 60;
  if (parts === null || hours <= 0) throw new InvalidArgumentError('want a duration such as 30m, 2h or 1h30m.');
  if (hours > 48) throw new InvalidArgumentError('48h at most: a stolen kubeconfig must not last.');
  return hours;
}

/** As `lifetimeHours`, for what applications hold: Vault's bounds are told by the catalogue. */
export function longLifetimeHours(text: string): number {
  const hours = /^(\d{1,5})h$/u.exec(text)?.[1];
  if (hours === undefined || Number(hours) === 0) throw new InvalidArgumentError('want hours, such as 720h.');
  return Number(hours);
}

/** Examples below a command's help. */
export function withExamples(command: Command, examples: string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${examples.map((example) => `  ${example}`).join('\n')}\n`);
}
