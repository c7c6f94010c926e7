/** Schedules in their groups. */
import type { World } from '../core/ports.ts';
import { AwsFault } from '../core/service.ts';
import type { Timetable } from './expression.ts';

/** How long a group takes to go away with its schedules. */
const GROUP_DELETE_MS = 5_000;

export interface ScheduleTarget {
  readonly arn: string;
  readonly roleArn: string;
  readonly input: string | undefined;
  readonly maxRetries: number;
  readonly maxAgeSeconds: number;
  readonly deadLetterArn: string | undefined;
  readonly messageGroupId: string | undefined;
}

/** All that a create or an update sets. What they leave out is reset. */
export interface ScheduleWish {
  readonly expression: string;
  readonly timezone: string;
  readonly timetable: Timetable;
  readonly isEnabled: boolean;
  readonly description: string | undefined;
  readonly windowMinutes: number | undefined;
  readonly startsAt: number | undefined;
  readonly endsAt: number | undefined;
  readonly deletesItself: boolean;
  readonly target: ScheduleTarget;
}

export interface Schedule {
  readonly name: string;
  readonly group: string;
  readonly arn: string;
  readonly createdAt: number;
  modifiedAt: number;
  wish: ScheduleWish;
  /** Where a rate is counted from. */
  origin: number;
}

export interface Group {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  modifiedAt: number;
  readonly tags: Map<string, string>;
  readonly schedules: Map<string, Schedule>;
  isDeleting: boolean;
}

/** What is to follow from a change. */
export interface ScheduleWatcher {
  /** It was made or changed: its next time is to be found anew. */
  changed(schedule: Schedule): void;
  removed(schedule: Schedule): void;
}

export class Schedules {
  readonly #world: World;
  readonly #watcher: ScheduleWatcher;
  readonly #groups = new Map<string, Group>();

  constructor(world: World, watcher: ScheduleWatcher) {
    this.#world = world;
    this.#watcher = watcher;
    this.createGroup('default', []);
  }

  createGroup(name: string, tags: readonly (readonly [string, string])[]): Group {
    if (this.#groups.has(name)) throw conflict(`Schedule group ${name} already exists.`);
    const now = this.#world.clock.now();
    const group = {
      name,
      arn: `${this.#prefix()}:schedule-group/${name}`,
      createdAt: now,
      modifiedAt: now,
      tags: new Map(tags),
      schedules: new Map<string, Schedule>(),
      isDeleting: false,
    };
    this.#groups.set(name, group);
    return group;
  }

  group(name: string): Group {
    const group = this.#groups.get(name);
    if (group !== undefined) return group;
    throw notFound(`Schedule group ${name} does not exist.`);
  }

  groupByArn(arn: string): Group {
    const group = [...this.#groups.values()].find((each) => each.arn === arn);
    if (group !== undefined) return group;
    throw notFound(`Schedule group ${arn.split('/').at(-1)} does not exist.`);
  }

  groups(): readonly Group[] {
    return byName(this.#groups.values());
  }

  /** The group goes away a little later, and its schedules with it. */
  deleteGroup(name: string): void {
    if (name === 'default') {
      throw new AwsFault(
        400,
        'ValidationException',
        'The default schedule group cannot be deleted.',
      );
    }
    const group = this.group(name);
    if (group.isDeleting) throw conflict(`Schedule group ${name} is being deleted.`);
    group.isDeleting = true;
    group.modifiedAt = this.#world.clock.now();
    this.#world.clock.after(GROUP_DELETE_MS, () => {
      this.#groups.delete(name);
      for (const schedule of group.schedules.values()) this.#watcher.removed(schedule);
    });
  }

  create(groupName: string, name: string, wish: ScheduleWish): Schedule {
    const group = this.group(groupName);
    if (group.isDeleting) throw conflict(`Schedule group ${groupName} is being deleted.`);
    if (group.schedules.has(name)) throw conflict(`Schedule ${name} already exists.`);
    const now = this.#world.clock.now();
    const schedule = {
      name,
      group: groupName,
      arn: `${this.#prefix()}:schedule/${groupName}/${name}`,
      createdAt: now,
      modifiedAt: now,
      wish,
      origin: wish.startsAt ?? now,
    };
    group.schedules.set(name, schedule);
    this.#watcher.changed(schedule);
    return schedule;
  }

  get(groupName: string, name: string): Schedule {
    const schedule = this.#groups.get(groupName)?.schedules.get(name);
    if (schedule !== undefined) return schedule;
    throw notFound(`Schedule ${name} does not exist.`);
  }

  /** A rate is counted anew only when it changes. */
  update(groupName: string, name: string, wish: ScheduleWish): Schedule {
    const schedule = this.get(groupName, name);
    const before = schedule.wish;
    const now = this.#world.clock.now();
    if (before.expression !== wish.expression || before.startsAt !== wish.startsAt) {
      schedule.origin = wish.startsAt ?? now;
    }
    schedule.wish = wish;
    schedule.modifiedAt = now;
    this.#watcher.changed(schedule);
    return schedule;
  }

  delete(groupName: string, name: string): void {
    const schedule = this.get(groupName, name);
    this.#groups.get(groupName)?.schedules.delete(name);
    this.#watcher.removed(schedule);
  }

  /** Of one group, or of all. */
  list(groupName?: string): readonly Schedule[] {
    const groups = groupName === undefined ? this.groups() : [this.group(groupName)];
    return groups.flatMap((group) => byName(group.schedules.values()));
  }

  #prefix(): string {
    return `arn:aws:scheduler:${this.#world.region}:${this.#world.account}`;
  }
}

function byName<Named extends { readonly name: string }>(all: Iterable<Named>): readonly Named[] {
  return [...all].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function conflict(message: string): AwsFault {
  return new AwsFault(409, 'ConflictException', message);
}

function notFound(message: string): AwsFault {
  return new AwsFault(404, 'ResourceNotFoundException', message);
}
