import { createHash } from 'node:crypto';
import { canonicalJson } from '../../cluster/canonical.ts';
import type { Webhook } from '../../cluster/declaration/maintenance.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { NotifyActivities, TellWebhook } from '../contracts/operations.ts';
import type { AcceptedDeclarations } from '../declarations.ts';
import type { Vault } from '../vault/vault.ts';
import { post } from './post.ts';

interface NotifyPorts {
  declarations: AcceptedDeclarations;
  vault: Pick<Vault, 'notificationSecrets'>;
}

/** Telling people's systems what happened. Never part of an operation: each webhook is tried again by itself. */
export function notifyActivities({ declarations, vault }: NotifyPorts): NotifyActivities {
  return {
    async tellWebhook(told) {
      const { cluster, webhook: name, story, at } = told;
      const { declaration } = await declarations.get(cluster, 'latest');
      const webhook = declaration.notifications.webhooks.find((one) => one.name === name);
      if (webhook === undefined) return;
      const secrets = await vault.notificationSecrets({ cluster });
      const { event, title, lines } = story;
      await post({
        name,
        url: addressOf(cluster, webhook, secrets),
        ...(secrets['signing_key'] !== undefined && { signingKey: secrets['signing_key'] }),
        id: deliveryId(told),
        event,
        body: JSON.stringify({ cluster, event, title, lines, at }),
        now: Date.now(),
      });
    },
  };
}

function deliveryId({ cluster, webhook, story, at }: TellWebhook): string {
  return createHash('sha256').update(canonicalJson({ cluster, webhook, story, at })).digest('hex').slice(0, 32);
}

function addressOf(
  cluster: string,
  { name, url, url_secret: entry }: Webhook,
  secrets: Record<string, string>,
): string {
  const address = url ?? secrets[entry ?? ''];
  if (address !== undefined) return address;
  throw new CkeError({
    code: 'NotificationFailed',
    message: `the webhook ${name} has no address: Vault has no entry ${entry} in the secret notifications`,
    fix: `vault kv patch -mount=cke/${cluster}/secrets notifications ${entry}=https://…`,
    remedy: 'retry',
  });
}
