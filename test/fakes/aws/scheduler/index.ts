/** EventBridge Scheduler: groups, schedules, and their firing. */
import { objects, optionalObjects, optionalText, text, type Input } from '../core/operation.ts';
import type { World } from '../core/ports.ts';
import { restService, type RestInput, type RestRoute } from '../core/rest.ts';
import type { Service } from '../core/service.ts';
import { Firing } from './firing.ts';
import { summary, view, wishOf } from './schedule-wish.ts';
import { Schedules, type Group, type Schedule } from './schedules.ts';

const NAME = { min: 1, max: 64, pattern: /[0-9a-zA-Z-_.]+/ };
const CLIENT_TOKEN = { min: 1, max: 64, pattern: /[a-zA-Z0-9-_]+/ };

export function createSchedulerService(world: World): Service {
  const firing = new Firing(world, completed);
  const schedules = new Schedules(world, firing);
  // A call that is sent again with its token is answered as the first time.
  const answered = new Map<string, string>();

  function completed(schedule: Schedule): void {
    if (schedule.wish.deletesItself) schedules.delete(schedule.group, schedule.name);
  }

  function once(input: Input, act: () => string): string {
    const token = optionalText(input, 'ClientToken', CLIENT_TOKEN);
    const before = token === undefined ? undefined : answered.get(token);
    if (before !== undefined) return before;
    const arn = act();
    if (token !== undefined) answered.set(token, arn);
    return arn;
  }

  const groupOf = (input: Input): string => optionalText(input, 'GroupName', NAME) ?? 'default';
  const queryGroup = (input: RestInput): string =>
    text({ groupName: input.query.get('groupName') ?? 'default' }, 'groupName', NAME);
  const nameOf = (input: RestInput): string => text(input.params, 'Name', NAME);

  const routes: readonly RestRoute[] = [
    {
      method: 'POST',
      path: '/schedule-groups/{Name}',
      operation: 'CreateScheduleGroup',
      run(input) {
        const tags = tagsOf(optionalObjects(input.body, 'Tags') ?? []);
        const arn = once(input.body, () => schedules.createGroup(nameOf(input), tags).arn);
        return { body: { ScheduleGroupArn: arn } };
      },
    },
    {
      method: 'GET',
      path: '/schedule-groups/{Name}',
      operation: 'GetScheduleGroup',
      run: (input) => ({ body: groupView(schedules.group(nameOf(input))) }),
    },
    {
      method: 'DELETE',
      path: '/schedule-groups/{Name}',
      operation: 'DeleteScheduleGroup',
      run(input) {
        schedules.deleteGroup(nameOf(input));
        return { body: {} };
      },
    },
    {
      method: 'GET',
      path: '/schedule-groups',
      operation: 'ListScheduleGroups',
      run(input) {
        const { items, token } = page(schedules.groups(), input);
        return { body: { ScheduleGroups: items.map(groupView), ...token } };
      },
    },
    {
      method: 'POST',
      path: '/schedules/{Name}',
      operation: 'CreateSchedule',
      run(input) {
        const group = groupOf(input.body);
        schedules.group(group);
        const wish = wishOf(world, input.body);
        const arn = once(input.body, () => schedules.create(group, nameOf(input), wish).arn);
        return { body: { ScheduleArn: arn } };
      },
    },
    {
      method: 'GET',
      path: '/schedules/{Name}',
      operation: 'GetSchedule',
      run: (input) => ({ body: view(schedules.get(queryGroup(input), nameOf(input))) }),
    },
    {
      method: 'PUT',
      path: '/schedules/{Name}',
      operation: 'UpdateSchedule',
      run(input) {
        const group = groupOf(input.body);
        schedules.get(group, nameOf(input));
        const wish = wishOf(world, input.body);
        return { body: { ScheduleArn: schedules.update(group, nameOf(input), wish).arn } };
      },
    },
    {
      method: 'DELETE',
      path: '/schedules/{Name}',
      operation: 'DeleteSchedule',
      run(input) {
        schedules.delete(queryGroup(input), nameOf(input));
        return { body: {} };
      },
    },
    {
      method: 'GET',
      path: '/schedules',
      operation: 'ListSchedules',
      run(input) {
        const state = input.query.get('State');
        const found = schedules
          .list(input.query.get('ScheduleGroup') ?? undefined)
          .filter(({ wish }) => state === null || wish.isEnabled === (state === 'ENABLED'));
        const { items, token } = page(found, input);
        return { body: { Schedules: items.map(summary), ...token } };
      },
    },
    {
      method: 'POST',
      path: '/tags/{ResourceArn}',
      operation: 'TagResource',
      run(input) {
        const { tags } = schedules.groupByArn(text(input.params, 'ResourceArn'));
        for (const [key, value] of tagsOf(objects(input.body, 'Tags'))) tags.set(key, value);
        return { body: {} };
      },
    },
    {
      method: 'DELETE',
      path: '/tags/{ResourceArn}',
      operation: 'UntagResource',
      run(input) {
        const { tags } = schedules.groupByArn(text(input.params, 'ResourceArn'));
        for (const key of input.query.getAll('TagKeys')) tags.delete(key);
        return { body: {} };
      },
    },
    {
      method: 'GET',
      path: '/tags/{ResourceArn}',
      operation: 'ListTagsForResource',
      run(input) {
        const { tags } = schedules.groupByArn(text(input.params, 'ResourceArn'));
        return { body: { Tags: [...tags].map(([Key, Value]) => ({ Key, Value })) } };
      },
    },
  ];

  return restService({
    id: 'scheduler',
    routes,
    inventory: () => inventory(schedules),
    async stop() {
      firing.stop();
    },
  });
}

/** What is being deleted goes away by itself. */
function inventory(schedules: Schedules): readonly string[] {
  const groups = schedules.groups().filter((group) => !group.isDeleting);
  return [
    ...groups
      .filter((group) => group.name !== 'default')
      .map((group) => `scheduler group ${group.name}`),
    ...groups.flatMap((group) =>
      schedules.list(group.name).map((each) => `scheduler schedule ${group.name}/${each.name}`),
    ),
  ];
}

function tagsOf(tags: readonly Input[]): readonly (readonly [string, string])[] {
  return tags.map((tag) => [
    text(tag, 'Key', { min: 1, max: 128 }),
    text(tag, 'Value', { min: 1, max: 256 }),
  ]);
}

function groupView(group: Group): object {
  return {
    Arn: group.arn,
    Name: group.name,
    State: group.isDeleting ? 'DELETING' : 'ACTIVE',
    CreationDate: group.createdAt / 1000,
    LastModificationDate: group.modifiedAt / 1000,
  };
}

/** What `NamePrefix`, `MaxResults` and `NextToken` ask for. */
function page<Named extends { readonly name: string }>(
  all: readonly Named[],
  input: RestInput,
): { readonly items: readonly Named[]; readonly token: { readonly NextToken?: string } } {
  const prefix = input.query.get('NamePrefix') ?? '';
  const limit = Number(input.query.get('MaxResults') ?? 100);
  const start = Number(input.query.get('NextToken') ?? 0);
  const found = all.filter((each) => each.name.startsWith(prefix));
  const end = start + limit;
  return {
    items: found.slice(start, end),
    token: end < found.length ? { NextToken: String(end) } : {},
  };
}
