/** What still calls a function that is gone: found by its name, its alias and its tags. */
import type { RuleKey } from '../bus/rule.ts';
import { aliasArn } from '../../model.ts';
import { placeOf, ruleArn } from '../arn.ts';
import { ifThere } from '../failures.ts';
import { findApis } from '../http/find-api.ts';
import { ownMappings } from '../mapping.ts';
import { ruleNamePrefix, statementId } from '../names.ts';
import { isOwnSchedule, schedulesOf } from '../schedule/schedule.ts';
import { isOurs, tagsOfList } from '../tags.ts';
import { everyItem } from '../pages.ts';
import { searched, unhurried, type AccountSearch, type Search } from './search.ts';

export interface Ties {
  readonly hasApi: boolean;
  readonly hasMappings: boolean;
  /** Names. */
  readonly schedules: readonly string[];
  readonly rules: readonly RuleKey[];
  /** ARNs. */
  readonly topics: readonly string[];
}

export async function findTies(search: AccountSearch): Promise<Ties> {
  const { aws, target, call } = search;
  const [hasApi, hasMappings, schedules, rules, topics] = await Promise.all([
    searched(search, 'HTTP APIs', false, async () => {
      return (await findApis(await aws.apigateway(), target, call)).length > 0;
    }),
    searched(search, 'event source mappings', false, async () => {
      return (await ownMappings(aws, target, call)).length > 0;
    }),
    searched(search, 'schedules', [], () => ownSchedules(search)),
    searched(search, 'rules of EventBridge', [], () => ownRules(search)),
    searched(search, 'subscriptions of SNS', [], () => subscribedTopics(search)),
  ]);
  return { hasApi, hasMappings, schedules, rules, topics };
}

async function ownSchedules({ aws, target, call }: Search): Promise<readonly string[]> {
  const names = await schedulesOf(aws, target, call);
  const own = await Promise.all(
    names.map(async (name) =>
      (await unhurried(call, () => isOwnSchedule(aws, target, name, call))) ? [name] : [],
    ),
  );
  return own.flat();
}

async function ownRules(search: AccountSearch): Promise<readonly RuleKey[]> {
  const buses = await search.buses();
  return (await Promise.all(buses.map((bus) => rulesOf(search, bus)))).flat();
}

async function rulesOf({ aws, target, call }: Search, bus: string): Promise<readonly RuleKey[]> {
  const events = await aws.eventbridge();
  const options = { abortSignal: call.signal };
  const rules = await everyItem(async (token) => {
    const page = await ifThere(
      unhurried(call, () =>
        events.listRules(
          {
            EventBusName: bus,
            NamePrefix: ruleNamePrefix(target),
            ...(token === undefined ? {} : { NextToken: token }),
          },
          options,
        ),
      ),
    );
    return { items: page?.Rules, next: page?.NextToken };
  });
  const own: RuleKey[] = [];
  for (const { Name: name = '', Arn: given } of rules) {
    const arn = given ?? ruleArn(placeOf(target), bus, name);
    const tags = await ifThere(
      unhurried(call, () => events.listTagsForResource({ ResourceARN: arn }, options)),
    );
    if (!isOurs(target, tagsOfList(tags?.Tags))) continue;
    own.push({ name, bus, ruleArn: arn, statementId: statementId('bus', arn) });
  }
  return own;
}

async function subscribedTopics({ aws, target, call }: Search): Promise<readonly string[]> {
  const sns = await aws.sns();
  const all = await everyItem(async (token) => {
    const page = await unhurried(call, () =>
      sns.listSubscriptions(token ? { NextToken: token } : {}, {
        abortSignal: call.signal,
      }),
    );
    return { items: page.Subscriptions, next: page.NextToken };
  });
  const alias = aliasArn(target);
  return all.flatMap(({ Endpoint, TopicArn }) =>
    Endpoint === alias && TopicArn !== undefined ? [TopicArn] : [],
  );
}
