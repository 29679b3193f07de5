import { z } from 'zod';
import type { ErrorCode } from '../../cluster/errors.ts';
import type { OperationReport } from '../../cluster/plan.ts';
import type { Component } from '../../cluster/components/component.ts';
import { questionShape } from './approvals.ts';
import type { StoreConnection } from './connection.ts';
import { clusterKeys } from './keys.ts';
import { parseValue } from './value.ts';

/** One operation that has ended. Its epoch names it: the same one written twice stands there once. */
export interface HistoryEntry {
  /** When it ended, RFC 3339. */
  at: string;
  /** Why it was started. */
  because: string;
  requestedBy: string;
  report: OperationReport;
}

/** What was done to a cluster; the latest 1000 operations. */
export interface History {
  append(cluster: string, entry: HistoryEntry): Promise<void>;
  /** The latest first. */
  list(cluster: string, limit: number): Promise<HistoryEntry[]>;
}

const kept = 1_000;

const text = z.string();
const code = z.custom<ErrorCode>((value) => typeof value === 'string');
const componentSchema = z.custom<Component>((value) => typeof value === 'string');
const blockerSchema = z.object({
  gate: text,
  code,
  node: text.exactOptional(),
  component: componentSchema.exactOptional(),
  because: text,
  fix: text.exactOptional(),
});
const pendingSchema = z.object({
  ...questionShape,
  requestedBy: text.exactOptional(),
  expiresAt: text.exactOptional(),
});
const reportSchema: z.ZodType<OperationReport> = z.object({
  outcome: z.enum(['converged', 'waiting', 'blocked', 'failed', 'paused', 'cancelled', 'destroyed']),
  rounds: z.int(),
  done: z.array(text),
  failed: z.array(z.object({ step: text, code: text, message: text })),
  blockers: z.array(blockerSchema),
  waits: z.array(z.object({ on: text, because: text, until: z.literal('approval').exactOptional() })),
  notes: z.array(text).exactOptional(),
  pending: z.array(pendingSchema).exactOptional(),
  expiring: z.array(z.object({ node: text, component: componentSchema, because: text })).exactOptional(),
  nextStep: text.exactOptional(),
  revision: z.int(),
  epoch: z.int(),
});
const entrySchema: z.ZodType<HistoryEntry> = z.object({
  at: z.iso.datetime(),
  because: text,
  requestedBy: text,
  report: reportSchema,
});

export function storeHistory(connection: StoreConnection): History {
  return {
    async append(cluster, entry) {
      const keys = clusterKeys(cluster);
      const key = keys.historyEntry(entry.report.epoch);
      await connection.write((client) => client.put(key).value(JSON.stringify(entry)).exec());
      await dropOldest(connection, keys.history);
    },
    async list(cluster, limit) {
      const { kvs } = await connection.read((client) =>
        client.getAll().prefix(clusterKeys(cluster).history).sort('Key', 'Descend').limit(limit).exec(),
      );
      return kvs.map(({ key, value }) => parseValue(key.toString(), value.toString(), entrySchema));
    },
  };
}

/** Deletes what is too much, the oldest first. */
async function dropOldest(connection: StoreConnection, prefix: string): Promise<void> {
  const excess = (await connection.read((client) => client.getAll().prefix(prefix).count())) - kept;
  if (excess <= 0) return;
  const oldest = await connection.read((client) =>
    client
      .getAll()
      .prefix(prefix)
      .sort('Key', 'Ascend')
      .limit(excess + 1)
      .keys(),
  );
  const end = oldest[excess];
  if (end === undefined) return;
  await connection.write((client) =>
    client
      .delete()
      .range(client.range({ start: prefix, end }))
      .exec(),
  );
}
