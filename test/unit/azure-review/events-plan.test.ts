import { describe, expect, it } from 'vitest';
import type { Step } from 'polyfaas/spi';
import { bindingIssues } from '../../../providers/azure/events/check.ts';
import { planEvents } from '../../../providers/azure/events/plan.ts';
import { busSource } from '../../../providers/azure/events/source.ts';
import { eventSettings } from '../../../providers/azure/events/settings.ts';
import type { FunctionRecord } from '../../../providers/azure/record.ts';
import {
  bucket,
  bus,
  platform,
  queue,
  record,
  RETRY,
  table,
  TARGET,
  topic,
  wish,
} from '../azure-events/bindings.ts';

const BUS_QUEUES = platform({ queues: 'servicebus' });
const KNOWN = { ...TARGET, principalId: 'principal', clientId: 'client' };

const idsOf = (steps: readonly Step[]): readonly string[] => steps.map(({ id }) => id);

function settledRecord(...[bindings, change = {}]: Parameters<typeof wish>): FunctionRecord {
  return record({ bindings, made: planEvents(wish(bindings, change)).kept });
}

describe('queues of Service Bus', () => {
  const slow = queue('q', { retry: { ...RETRY, delaySeconds: 30 } });

  it('say that delays between attempts are not kept', () => {
    const { warnings } = planEvents(wish([slow], { platform: BUS_QUEUES }));
    expect(warnings).toContainEqual(
      expect.objectContaining({ type: 'ignored', field: 'events.q.retry' }),
    );
  });

  it('say nothing where no delay was asked for, or Azure Storage keeps it', () => {
    const quiet = (...parts: Parameters<typeof wish>) =>
      planEvents(wish(...parts)).warnings.filter(({ type }) => type === 'ignored');
    expect(quiet([queue('q')], { platform: BUS_QUEUES })).toEqual([]);
    expect(quiet([slow])).toEqual([]);
  });

  it('need no role to send to themselves', () => {
    const { made } = planEvents(wish([queue('q')], { platform: BUS_QUEUES }));
    expect(made.filter(({ kind }) => kind === 'role')).toHaveLength(1);
  });
});

describe('tables in an account of the user’s', () => {
  it('say what a container of leases costs', () => {
    const textOf = (options: object) =>
      planEvents(wish([table('d')], { platform: platform(options) }))
        .warnings.map(({ message }) => message)
        .join('\n');
    expect(textOf({ cosmosAccount: 'mine' })).toMatch(/leases.*400 RU\/s/);
    expect(textOf({})).not.toMatch(/RU\/s/);
  });
});

describe('names', () => {
  it('of topics that Resource Manager would call otherwise are refused', () => {
    const issues = bindingIssues('orders', topic('t', { topic: 'shop/users' }));
    expect(issues.map(({ message }) => message).join()).toMatch(/"shop\/users" is no name/);
  });

  it('of buses are their own, whatever objects inherit, and in their own case', () => {
    const context = { place: TARGET, settings: eventSettings(platform(), TARGET) };
    expect(busSource(context, 'constructor').id).toMatch(/\/topics\/bus-constructor-/);
    expect(busSource(context, 'Orders').id).not.toBe(busSource(context, 'orders').id);
  });
});

describe('system topics', () => {
  it('are made and deleted under one lock', () => {
    const before = settledRecord([bucket('o')]);
    const made = planEvents(wish([bucket('o')])).after.find((one) => one.id === 'event-o-topic');
    const gone = planEvents(wish([], { record: before })).retire;
    const lockOf = (locks: readonly string[] = []) =>
      locks.find((one) => one.startsWith('system-topic:'));
    const locks = gone.flatMap((one) => lockOf(one.locks) ?? []);
    expect(locks).toEqual([lockOf(made?.locks)]);
  });
});

describe('roles', () => {
  it('are given again to an identity that is looked for anew', () => {
    const before = settledRecord([queue('q')]);
    expect(idsOf(planEvents(wish([queue('q')], { record: before })).sources)).toContain(
      'event-q-roles',
    );
    const known = planEvents(wish([queue('q')], { record: before, target: KNOWN }));
    expect(idsOf(known.sources)).toEqual(['event-addresses']);
  });

  it('that a destination of outcomes needs too stay when the binding goes', () => {
    const dead = bus('b', { deadLetter: 'dead' });
    const role = planEvents(wish([dead])).made.find(({ id }) => id.includes('/queues/dead#'));
    const [scope = '', roleId = ''] = role?.id.split('#') ?? [];
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the id came from a role
    const destinations = [{ scope, roleId: roleId as '974c5e8b-45b9-4653-ba55-5f855dd0fb88' }];
    const before = settledRecord([dead], { destinations });
    const left = planEvents(wish([], { record: before }));
    expect(JSON.stringify(left.retire)).not.toContain('/queues/dead"');
    const after = record({ made: left.kept });
    const none = planEvents(wish([], { record: after, destinations: [] }));
    expect(idsOf(none.retire)).toEqual(['events-disallow']);
    expect(none.kept.some(({ kind }) => kind === 'destination')).toBe(false);
  });
});
