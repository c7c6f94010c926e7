/** Log groups, their streams and events. */
import type { FakeClock } from '../core/ports.ts';
import { AwsFault } from '../core/service.ts';

/** How long it takes until what was written can be read. */
export const INGESTION_MS = 2000;
const DAY_MS = 86_400_000;

export interface LogEvent {
  readonly id: string;
  readonly stream: string;
  readonly timestamp: number;
  readonly ingestedAt: number;
  readonly message: string;
}

export interface LogGroup {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  retentionDays: number | undefined;
  readonly tags: Map<string, string>;
  /** Stream name to the time of its creation. */
  readonly streams: Map<string, number>;
  /** By time; of one time, as they came. */
  readonly events: LogEvent[];
}

export class LogStore {
  readonly #clock: FakeClock;
  readonly #arnHead: string;
  readonly #groups = new Map<string, LogGroup>();
  #sequence = 0;

  constructor(world: {
    readonly clock: FakeClock;
    readonly region: string;
    readonly account: string;
  }) {
    this.#clock = world.clock;
    this.#arnHead = `arn:aws:logs:${world.region}:${world.account}:log-group:`;
  }

  get all(): readonly LogGroup[] {
    return [...this.#groups.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
  }

  arnOf(name: string): string {
    return `${this.#arnHead}${name}`;
  }

  find(name: string): LogGroup | undefined {
    return this.#groups.get(name);
  }

  get(name: string): LogGroup {
    const group = this.find(name);
    if (!group) throw missing('The specified log group does not exist.');
    return group;
  }

  /** By name, or by ARN with or without `:*` behind it. */
  byIdentifier(identifier: string): LogGroup {
    const name = identifier.startsWith(this.#arnHead)
      ? identifier.slice(this.#arnHead.length).replace(/:\*$/, '')
      : identifier;
    return this.get(name);
  }

  create(name: string): LogGroup {
    if (this.#groups.has(name)) {
      throw exists('The specified log group already exists');
    }
    const group: LogGroup = {
      name,
      arn: this.arnOf(name),
      createdAt: this.#clock.now(),
      retentionDays: undefined,
      tags: new Map(),
      streams: new Map(),
      events: [],
    };
    this.#groups.set(name, group);
    return group;
  }

  delete(group: LogGroup): void {
    this.#groups.delete(group.name);
  }

  createStream(group: LogGroup, stream: string): void {
    if (group.streams.has(stream)) throw exists('The specified log stream already exists');
    group.streams.set(stream, this.#clock.now());
  }

  write(group: LogGroup, stream: string, timestamp: number, message: string): void {
    if (!group.streams.has(stream)) group.streams.set(stream, this.#clock.now());
    this.#sequence += 1;
    const event: LogEvent = {
      id: `${String(timestamp).padStart(28, '0')}${String(this.#sequence).padStart(28, '0')}`,
      stream,
      timestamp,
      ingestedAt: this.#clock.now(),
      message,
    };
    const at = group.events.findLastIndex((other) => other.timestamp <= timestamp);
    group.events.splice(at + 1, 0, event);
  }

  /** The events that can be read now. */
  visible(group: LogGroup): readonly LogEvent[] {
    const now = this.#clock.now();
    const oldest =
      group.retentionDays === undefined ? -Infinity : now - group.retentionDays * DAY_MS;
    return group.events.filter(
      ({ ingestedAt, timestamp }) => ingestedAt + INGESTION_MS <= now && timestamp >= oldest,
    );
  }
}

export function missing(message: string): AwsFault {
  return new AwsFault(400, 'ResourceNotFoundException', message);
}

export function badParameter(message: string): AwsFault {
  return new AwsFault(400, 'InvalidParameterException', message);
}

function exists(message: string): AwsFault {
  return new AwsFault(400, 'ResourceAlreadyExistsException', message);
}
