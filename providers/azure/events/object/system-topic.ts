/** System topics: what a storage account tells Event Grid. An account has one at most. */
import type { CallContext, JsonValue } from 'polyfaas/spi';
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

/** All system topics of a subscription, as Resource Manager tells them. */
export type TopicsIn = (subscriptionId: string) => Promise<readonly JsonValue[]>;

/** One list for each subscription, however often it is asked for. */
export function topicsOnce(azure: AzureClients, call: CallContext): TopicsIn {
  const lists = new Map<string, Promise<readonly JsonValue[]>>();
  return (subscriptionId) => {
    const list = lists.get(subscriptionId) ?? readTopics(azure, subscriptionId, call);
    lists.set(subscriptionId, list);
    return list;
  };
}

function readTopics(
  azure: AzureClients,
  subscriptionId: string,
  call: CallContext,
): Promise<readonly JsonValue[]> {
  const path = `/subscriptions/${subscriptionId}/providers/Microsoft.EventGrid/systemTopics`;
  return readAll(azure, { path, apiVersion: EVENT_API.eventGrid }, call);
}

/** The one system topic of an account; undefined when there is none. */
export async function systemTopicOf(
  azure: AzureClients,
  accountId: string,
  call: CallContext,
  topicsIn: TopicsIn = (subscriptionId) => readTopics(azure, subscriptionId, call),
): Promise<{ readonly id: string; readonly state: ReturnType<typeof stateOf> } | undefined> {
  const topics = await topicsIn(parseArmId(accountId)?.subscriptionId ?? azure.subscriptionId);
  const found = topics.find((one) => sameId(textAt(one, 'properties', 'source') ?? '', accountId));
  return found === undefined ? undefined : { id: textAt(found, 'id') ?? '', state: stateOf(found) };
}
