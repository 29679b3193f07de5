import * as wf from '@temporalio/workflow';
import type { NotifyActivities } from '../activities/contracts/operations.ts';
import type { Story, Subscription } from '../cluster/notification.ts';

/** A receiver that is away gets the story within a day, or not at all: what happened then is history. */
const { tellWebhook } = wf.proxyActivities<NotifyActivities>({
  startToCloseTimeout: '30 seconds',
  scheduleToCloseTimeout: '24 hours',
  retry: { initialInterval: '2 seconds', backoffCoefficient: 3, maximumInterval: '10 minutes' },
});

export interface NotifyInput {
  cluster: string;
  stories: Story[];
  webhooks: Subscription[];
  /** RFC 3339. */
  at: string;
}

/**
 * Tells each webhook what it wants to hear, each with retries of its own. Started by the cluster's entity when the story has
 * changed, and abandoned: nothing waits for it. Id `cluster/<name>/notify/…`.
 */
export async function notify({ cluster, stories, webhooks, at }: NotifyInput): Promise<void> {
  wf.setCurrentDetails(stories.map(({ title, lines }) => [`**${title}**`, ...lines].join('\n- ')).join('\n\n'));
  const calls = webhooks.flatMap(({ name, events }) =>
    stories.filter(({ event }) => events.includes(event)).map((story) => ({ cluster, webhook: name, story, at })),
  );
  const results = await Promise.allSettled(
    calls.map((call) =>
      tellWebhook.executeWithOptions({ summary: `tell ${call.webhook}: ${call.story.title}`.slice(0, 200) }, [call]),
    ),
  );
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
