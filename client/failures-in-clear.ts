import { type Client, defaultPayloadConverter } from '@temporalio/client';
import type { Payload, PayloadCodec } from '@temporalio/common';

type Described = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['describe']>>['raw'];
export type PendingActivity = NonNullable<Described['pendingActivities']>[number];
type Failure = NonNullable<PendingActivity['lastFailure']>;

/** Activities as the server describes them, with what their failures say decrypted: the SDK does so for results only. */
export function inClear(client: Client, activities: PendingActivity[]): Promise<PendingActivity[]> {
  const codecs = client.options.dataConverter?.payloadCodecs ?? [];
  return Promise.all(
    activities.map(async (activity) =>
      activity.lastFailure
        ? { ...activity, lastFailure: await failureInClear(codecs, activity.lastFailure) }
        : activity,
    ),
  );
}

async function failureInClear(codecs: PayloadCodec[], failure: Failure): Promise<Failure> {
  const application = failure.applicationFailureInfo;
  const payloads = application?.details?.payloads;
  const message = await messageOf(codecs, failure);
  return {
    ...failure,
    ...(message !== undefined && { message }),
    ...(application &&
      payloads && {
        applicationFailureInfo: { ...application, details: { payloads: await decoded(codecs, payloads) } },
      }),
  };
}

async function messageOf(codecs: PayloadCodec[], { encodedAttributes }: Failure): Promise<string | undefined> {
  if (!encodedAttributes) return undefined;
  const [payload] = await decoded(codecs, [encodedAttributes]);
  const said: unknown = payload && defaultPayloadConverter.fromPayload(payload);
  return typeof said === 'object' && said !== null && 'message' in said ? String(said.message) : undefined;
}

async function decoded(codecs: PayloadCodec[], payloads: Payload[]): Promise<Payload[]> {
  let result = payloads;
  for (const codec of codecs) result = await codec.decode(result);
  return result;
}
