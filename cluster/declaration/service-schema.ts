import { z } from 'zod';
import { environmentNameFinding, environmentValueFinding } from './environment.ts';
import { electionFinding, extraArgFinding, repeatedFlags } from './extra-args.ts';
import { checked, placed, strict } from './field.ts';
import type { PlacedFinding } from './field.ts';
import { mountDestinationFinding, mountSourceFinding } from './mounts.ts';
import type { Component } from './service-flags.ts';
import type { Mount } from './service-options.ts';

/** The three fields that every component has, with the rules of that component. */
export function serviceParams(component: Component) {
  return {
    extra_args: placed(z.array(checked(z.string(), (text) => extraArgFinding(component, text))).max(200), (entries) =>
      extraArgsFindings(component, entries),
    )
      .default([])
      .describe('Extra command-line arguments, one `--name=value` per entry.'),
    extra_binds: placed(z.array(mountSchema(component)).max(50), sameDestinations)
      .default([])
      .describe('Extra bind mounts.'),
    extra_env: z
      .record(
        checked(z.string(), (name) => environmentNameFinding(component, name)),
        checked(z.string(), environmentValueFinding),
      )
      .default({})
      .describe('Extra environment variables; never secrets.'),
  };
}

function mountSchema(component: Component) {
  return strict({
    source: checked(z.string(), mountSourceFinding).describe('Path on the host.'),
    destination: checked(z.string(), (path) => mountDestinationFinding(component, path)).describe(
      'Path in the container.',
    ),
    read_only: z.boolean().default(false).describe('Whether the mount is read-only.'),
    propagation: z
      .enum(['shared', 'slave', 'private', 'rshared', 'rslave', 'rprivate'])
      .exactOptional()
      .describe('Mount propagation.'),
    selinux_label: z.enum(['z', 'Z']).exactOptional().describe('Relabelling on hosts with SELinux.'),
  });
}

function extraArgsFindings(component: Component, entries: string[]): PlacedFinding[] {
  const repeated = repeatedFlags(entries).map(({ index, first }) => ({
    at: [index],
    finding: {
      code: 'repeated-flag',
      want: 'each flag once',
      hint: `extra arg given twice: entry ${first} has set it already; join lists with commas`,
    },
  }));
  const timing = component === 'etcd' ? electionFinding(entries) : undefined;
  return timing === undefined ? repeated : [...repeated, { at: [], finding: timing }];
}

function sameDestinations(mounts: Mount[]): PlacedFinding[] {
  return mounts.flatMap(({ destination }, index) => {
    const first = mounts.findIndex((mount) => mount.destination === destination);
    if (first === index) return [];
    const hint = `extra_binds/${first} has the same destination`;
    return [{ at: [index, 'destination'], finding: { code: 'duplicate-mount', want: 'each destination once', hint } }];
  });
}
