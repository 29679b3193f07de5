import type { Finding } from './problem.ts';
import { flagStanding, isRepeatable, riversFlags } from './service-flags.ts';
import type { Component } from './service-flags.ts';

const entry = /^(?:--([A-Za-z0-9][A-Za-z0-9_.-]*)|-(v))(?:=([\s\S]*))?$/;

/** Name (without dashes, `_` read as `-` as Kubernetes does) and value of one `--name=value` entry; undefined for anything else. */
export function flagOf(text: string): { name: string; value: string } | undefined {
  const match = entry.exec(text);
  const name = match?.[1] ?? match?.[2];
  return name === undefined ? undefined : { name: name.replaceAll('_', '-'), value: match?.[3] ?? 'true' };
}

/** The value of the last entry that sets a flag. */
export function flagValue(extraArgs: readonly string[], name: string): string | undefined {
  return extraArgs.map(flagOf).findLast((flag) => flag?.name === name)?.value;
}

/** What is wrong with one entry of `extra_args`. Rules D-11, D-13. */
export function extraArgFinding(component: Component, text: string): Finding | undefined {
  const control = /\p{Cc}/u.exec(text);
  if (control !== null) return controlCharacter;
  const flag = flagOf(text);
  if (flag === undefined || /\s--?[a-z]/.test(flag.value)) return onePerEntry;
  if (text.length > 4096) return tooLong;
  const standing = flagStanding(component, flag.name, flag.value);
  if (standing === 'forbidden') return forbidden(flag.name);
  if (standing === 'managed') return managed(flag.name);
  return component === 'rivers' || component === 'etcd-rivers' ? riversFinding(flag) : undefined;
}

/** Entries that set a flag which an earlier entry has set: their index and that of the first. */
export function repeatedFlags(extraArgs: readonly string[]): { index: number; first: number; name: string }[] {
  const seen = new Map<string, number>();
  return extraArgs.flatMap((text, index) => {
    const name = flagOf(text)?.name;
    if (name === undefined || isRepeatable(name)) return [];
    const first = seen.get(name);
    if (first !== undefined) return [{ index, first, name }];
    seen.set(name, index);
    return [];
  });
}

/** Heartbeat and election timeout of etcd in milliseconds, and what is wrong with the pair. Rule D-13. */
export function electionFinding(extraArgs: readonly string[]): Finding | undefined {
  const heartbeat = Number(flagValue(extraArgs, 'heartbeat-interval') ?? 100);
  const election = Number(flagValue(extraArgs, 'election-timeout') ?? 1000);
  const got = `heartbeat-interval ${heartbeat}, election-timeout ${election}`;
  if (!Number.isInteger(heartbeat) || !Number.isInteger(election) || heartbeat < 1)
    return {
      code: 'etcd-timing',
      got,
      want: 'whole milliseconds, at least 1',
      hint: 'for example --heartbeat-interval=100',
    };
  if (election > 50_000) return { code: 'etcd-timing', got, want: 'at most 50000', hint: 'etcd takes at most 50 s' };
  if (election >= 5 * heartbeat) return undefined;
  const hint = `election-timeout must be at least 5 times heartbeat-interval: ${5 * heartbeat} or more`;
  return { code: 'etcd-timing', got, want: 'election-timeout ≥ 5 × heartbeat-interval', hint };
}

function riversFinding({ name, value }: { name: string; value: string }): Finding | undefined {
  if (!riversFlags.includes(name))
    return {
      code: 'unknown-flag',
      want: riversFlags.map((flag) => `--${flag}`).join(', '),
      hint: 'the proxies are HAProxy: only these settings of CKE’s rivers are understood',
    };
  if (/^\d+(ms|s|m)$/.test(value) && Number.parseInt(value, 10) > 0) return undefined;
  return {
    code: 'invalid-duration',
    want: 'a positive duration such as 5s',
    hint: 'a whole number followed by ms, s or m',
  };
}

const controlCharacter: Finding = {
  code: 'control-character',
  want: 'printable text',
  hint: 'an argument with a control character (newline, NUL, …) is never meant',
};

const onePerEntry: Finding = {
  code: 'one-flag-per-entry',
  want: 'one --name=value per entry',
  hint: 'give each flag an entry of its own, joined to its value with =',
};

const tooLong: Finding = {
  code: 'too-long',
  want: 'at most 4096 characters',
  hint: 'use a file and extra_binds instead',
};

const managed = (name: string): Finding => ({
  code: 'managed-flag',
  want: `no --${name} here`,
  hint: `--${name} is a managed flag: it follows from the declaration, remove it`,
});

const forbidden = (name: string): Finding => ({
  code: 'forbidden-flag',
  want: `no such --${name}`,
  hint: `--${name} puts the cluster’s data or its safety at risk: forbidden flag`,
});
