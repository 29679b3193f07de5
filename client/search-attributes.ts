import type { Client } from '@temporalio/client';
import { searchAttributes } from '../workflows/contracts.ts';

/** `INDEXED_VALUE_TYPE_KEYWORD` of Temporal's API: what all of ours are. */
const KEYWORD = 2;

/** Names of the search attributes that the namespace lacks. */
export async function missingSearchAttributes(client: Client): Promise<string[]> {
  const { namespace } = client.options;
  const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace });
  return Object.values(searchAttributes)
    .map(({ name }) => name)
    .filter((name) => !(name in customAttributes));
}

/** Registers what is missing; may be repeated. Returns the names that were new. */
export async function registerSearchAttributes(client: Client): Promise<string[]> {
  const missing = await missingSearchAttributes(client);
  if (missing.length === 0) return [];
  await client.connection.operatorService.addSearchAttributes({
    namespace: client.options.namespace,
    searchAttributes: Object.fromEntries(missing.map((name) => [name, KEYWORD])),
  });
  return missing;
}
