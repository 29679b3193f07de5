import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { loadSettings } from '../../activities/settings.ts';

const root = new URL('../../', import.meta.url);
const serviceSchema = z.object({
  image: z.string(),
  user: z.string().optional(),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).optional(),
  restart: z.string().optional(),
  healthcheck: z.unknown().optional(),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
});
const compose = z
  .object({ services: z.record(z.string(), serviceSchema), volumes: z.record(z.string(), z.unknown()) })
  .parse(parse(text('docker-compose.yml'), { merge: true }));
const services = Object.entries(compose.services);
const dockerfile = text('Dockerfile');

function text(path: string): string {
  return readFileSync(new URL(path, root), 'utf8');
}

describe('docker-compose.yml', () => {
  test.each(services)('%s: is its image pinned to a version?', (_, { image }) => {
    expect(image).toMatch(/:v?\d+\.\d+/u);
  });

  test.each(services)('%s: can it be reached from other machines?', (_, { ports }) => {
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  test.each(services)('%s: is everything there that it mounts and waits for?', (_, { volumes, depends_on }) => {
    for (const volume of volumes) {
      const [source = ''] = volume.startsWith('${') ? [] : volume.split(':');
      if (source.startsWith('./')) expect(existsSync(fileURLToPath(new URL(source, root))), source).toBe(true);
      else if (source !== '') expect(Object.keys(compose.volumes)).toContain(source);
    }
    for (const [other, { condition }] of Object.entries(depends_on)) {
      const awaited = compose.services[other];
      expect(awaited, other).toBeDefined();
      if (condition === 'service_healthy') expect(awaited?.healthcheck, other).toBeDefined();
      if (condition === 'service_completed_successfully') expect(awaited?.restart, other).toBeUndefined();
    }
  });

  test.each(['worker', 'client'])('%s: not root, no capabilities, nothing to write to', (name) => {
    expect(compose.services[name]).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
    expect(compose.services[name]?.user).toMatch(/^\$\{CKE_UID:-10001\}/u);
  });

  test('who sees the key of the CA? Only the one-shot that signs with it', () => {
    const readers = services.filter(([, { volumes }]) => volumes.some((volume) => volume.startsWith('ca:')));
    expect(readers.map(([name]) => name)).toEqual(['prepare']);
  });
});

test("the worker's settings are valid", () => {
  const settings = loadSettings(fileURLToPath(new URL('deploy/cke.yaml', root)));
  const health = `http://127.0.0.1:${settings.metrics?.address.split(':')[1]}/healthz`;
  expect(dockerfile).toContain(health);
  expect(text('deploy/temporal-namespace.sh')).toContain(`namespace=${settings.temporal.namespace}\n`);
});

test('can the worker write what it has to keep, though its file system is read-only?', () => {
  const settings = loadSettings(fileURLToPath(new URL('deploy/cke.yaml', root)));
  const { volumes = [] } = compose.services['worker'] ?? {};
  const prepared = text('deploy/prepare.sh');
  for (const directory of [
    settings.credentials_directory,
    join(dirname(settings.credentials_directory), 'snapshots'),
  ]) {
    expect(volumes).toContain(`${basename(directory)}:${directory}`);
    expect(prepared).toContain(`/out/${basename(directory)}`);
  }
});

test('Temporal looks into its queues 500 times a second', () => {
  expect(parse(text('deploy/temporal-dynamic-config.yaml'))).toEqual({
    'history.transferProcessorMaxPollRPS': [{ value: 500, constraints: {} }],
  });
});

describe('Dockerfile', () => {
  test('does it end as a user who is not root, on a pinned Debian slim?', () => {
    expect([...dockerfile.matchAll(/^FROM (\S+)/gmu)].map(([, image]) => image)).toEqual([
      'node:24-bookworm-slim',
      'node:24-bookworm-slim',
    ]);
    expect(dockerfile).toMatch(/\nUSER 10001:10001\n/u);
  });

  test('is every folder that it copies sent to the builder?', () => {
    const ignore = text('.dockerignore');
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gmu)].flatMap(([, names = '']) =>
      names.split(' '),
    );
    for (const name of copied) expect(ignore).toContain(`!${name}\n`);
  });
});
