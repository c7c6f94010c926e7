/** What is left of a function that somebody deleted without polyfaas. */
import { once } from 'polyfaas/spi';
import type { MadeSource } from '../../record.ts';
import { roleName } from '../../names.ts';
import { pingsOf, scalable } from '../../execute/capacity.ts';
import { readOwn } from '../../execute/role.ts';
import { ifThere } from '../failures.ts';
import { schedulerRoleName } from '../names.ts';
import { everyItem } from '../pages.ts';
import { searched, unhurried, type AccountSearch, type Search } from './search.ts';
import { findSources } from './sources.ts';
import { findTies, type Ties } from './ties.ts';

/** JSON. */
export interface Remains extends Ties {
  readonly hasPings: boolean;
  readonly hasScaling: boolean;
  readonly hasSchedulerRole: boolean;
  readonly buckets: readonly string[];
  readonly made: readonly MadeSource[];
  /** What could not be searched, in words for people. */
  readonly unsearched: readonly string[];
  /** Among that are sources, which only a removal looks for that finds a trace. */
  readonly mayHaveMade: boolean;
}

/**
 * Sources are looked for only where something else is left: a look at every queue, table and bucket of the account takes
 * many calls, and what was removed in full leaves nothing.
 *
 * @param hasTrace something of it was found already.
 */
export async function findRemains(own: Search, hasTrace: boolean): Promise<Remains> {
  const search: AccountSearch = { ...own, buses: once(() => listBuses(own)) };
  const [ties, hasPings, hasScaling, hasSchedulerRole] = await Promise.all([
    findTies(search),
    searched(search, 'pings', false, () => findPings(search)),
    searched(search, 'scaling', false, () => findScaling(search)),
    searched(search, 'roles', false, () => hasRole(search, schedulerRoleName(search.target))),
  ]);
  const isTraced =
    hasTrace ||
    hasPings ||
    hasScaling ||
    hasSchedulerRole ||
    ties.hasApi ||
    ties.hasMappings ||
    ties.schedules.length + ties.rules.length + ties.topics.length > 0;
  const { unsearched } = search;
  const before = unsearched.size;
  const sources = isTraced ? await findSources(search) : { made: [], buckets: [] };
  const remains = { ...ties, ...sources, hasPings, hasScaling, hasSchedulerRole };
  return {
    ...remains,
    unsearched: [...unsearched].toSorted(),
    mayHaveMade: unsearched.size > before,
  };
}

async function listBuses({ aws, call }: Search): Promise<readonly string[]> {
  const events = await aws.eventbridge();
  const buses = await everyItem(async (token) => {
    const page = await unhurried(call, () =>
      events.listEventBuses(token ? { NextToken: token } : {}, { abortSignal: call.signal }),
    );
    return { items: page.EventBuses, next: page.NextToken };
  });
  return buses.flatMap(({ Name }) => Name ?? []);
}

/** The pings themselves, or the role that was made for them. */
async function findPings(search: Search): Promise<boolean> {
  const { aws, target, call } = search;
  const pings = await pingsOf(aws, target, call);
  return pings.length > 0 || hasRole(search, roleName(target, aws.region, 'schedule'));
}

async function findScaling({ aws, target, call }: Search): Promise<boolean> {
  const autoscaling = await aws.autoscaling();
  const { ResourceId, ...kind } = scalable(target);
  const { ScalableTargets = [] } = await autoscaling.describeScalableTargets(
    { ...kind, ResourceIds: [ResourceId] },
    { abortSignal: call.signal },
  );
  return ScalableTargets.length > 0;
}

async function hasRole({ aws, target, call }: Search, name: string): Promise<boolean> {
  return (await ifThere(readOwn(await aws.iam(), target, name, call))) !== undefined;
}
