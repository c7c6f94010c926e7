/** System topics: what a storage account tells Event Grid. An account has one at most. */
import type { CallContext } from 'polyfaas/spi';
import { again } from '../../arm/turn.ts';
import { textAt } from '../../arm/json.ts';
import { EVENT_API } from '../api-versions.ts';
import { parseArmId } from '../arm-id.ts';
import { isUnderWay, put, read, readAll, refusal, stateOf } from '../arm.ts';
import type { AzureClients } from '../../clients/index.ts';
import type { Executor } from '../../model.ts';
import { sameId } from '../../names.ts';
import { sharedTags } from '../shared.ts';
import { done, inputOf } from '../steps.ts';

const TOPIC_TYPE = 'Microsoft.Storage.StorageAccounts';

/** Finds the system topic of an account, or makes one. Answers `{ topicId }`. */
export const ensureSystemTopic: Executor = async (azure, step, call) => {
  const { target, accountId, topicId } = inputOf<{ accountId: string; topicId: string }>(step);
  const own = { path: topicId, apiVersion: EVENT_API.eventGrid };
  if (!isUnderWay(call)) {
    const found = await systemTopicOf(azure, accountId, call);
    if (found !== undefined) {
      if (found.state === 'ready') return done({ topicId: found.id });
      if (found.state !== 'failed')
        return again(call, { stage: `the system topic is ${found.state}` });
    }
  }
  const account = await read(azure, { path: accountId, apiVersion: EVENT_API.storage }, call);
  if (account === undefined) {
    throw refusal(target, 'NOT_FOUND', `There is no storage account ${accountId}.`);
  }
  const body = {
    // A system topic is where its source is.
    location: textAt(account, 'location'),
    tags: sharedTags(target),
    properties: { source: accountId, topicType: TOPIC_TYPE },
  };
  const result = await put(azure, own, body, call, 'making the system topic');
  return result.done ? done({ topicId }) : result;
};

/** The one system topic of an account; undefined when there is none. */
export async function systemTopicOf(
  azure: AzureClients,
  accountId: string,
  call: CallContext,
): Promise<{ readonly id: string; readonly state: ReturnType<typeof stateOf> } | undefined> {
  const subscriptionId = parseArmId(accountId)?.subscriptionId ?? azure.subscriptionId;
  const path = `/subscriptions/${subscriptionId}/providers/Microsoft.EventGrid/systemTopics`;
  const topics = await readAll(azure, { path, apiVersion: EVENT_API.eventGrid }, call);
  const found = topics.find((one) => sameId(textAt(one, 'properties', 'source') ?? '', accountId));
  return found === undefined ? undefined : { id: textAt(found, 'id') ?? '', state: stateOf(found) };
}
