/** The tables of DynamoDB: their states, their items and the streams of their changes. */
import { randomUUID } from 'node:crypto';
import type { World } from '../core/ports.ts';
import { AwsFault } from '../core/service.ts';
import { TableStream, type StreamViewType } from './table-stream.ts';
import { canonical, isSame, type Item } from './value.ts';

const CHANGE_MS = 2_000;

export interface KeyElement {
  readonly name: string;
  readonly role: 'HASH' | 'RANGE';
  readonly type: 'S' | 'N' | 'B';
}

export interface Table {
  readonly name: string;
  readonly arn: string;
  readonly id: string;
  readonly createdAt: number;
  readonly key: readonly KeyElement[];
  readonly billingMode: 'PAY_PER_REQUEST' | 'PROVISIONED';
  readonly throughput: { readonly read: number; readonly write: number };
  readonly tags: Map<string, string>;
  readonly items: Map<string, Item>;
  isProtected: boolean;
  /** Also those that were turned off: they stay readable. The last is the latest. */
  readonly streams: TableStream[];
  /** Until when it is being changed. */
  changesUntil: number;
  deletedAt: number | undefined;
}

export type TableStatus = 'CREATING' | 'UPDATING' | 'ACTIVE' | 'DELETING';

export class Tables {
  readonly #world: World;
  readonly #tables = new Map<string, Table>();
  readonly #changed: (streamArn: string) => void;
  #lastLabelAt = 0;

  constructor(world: World, changed: (streamArn: string) => void) {
    this.#world = world;
    this.#changed = changed;
  }

  arnOf(name: string): string {
    return `arn:aws:dynamodb:${this.#world.region}:${this.#world.account}:table/${name}`;
  }

  create(
    wish: Pick<Table, 'name' | 'key' | 'billingMode' | 'throughput' | 'tags' | 'isProtected'>,
  ): Table {
    if (this.find(wish.name) !== undefined) {
      throw new AwsFault(400, 'ResourceInUseException', `Table already exists: ${wish.name}`);
    }
    const now = this.#world.clock.now();
    const table: Table = {
      ...wish,
      arn: this.arnOf(wish.name),
      id: randomUUID(),
      createdAt: now,
      items: new Map(),
      streams: [],
      changesUntil: now + CHANGE_MS,
      deletedAt: undefined,
    };
    this.#tables.set(wish.name, table);
    return table;
  }

  /** By name, by the table's ARN or by a stream's. */
  find(nameOrArn: string): Table | undefined {
    const name = /^arn:[^/]+:table\/([^/]+)/.exec(nameOrArn)?.[1] ?? nameOrArn;
    const table = this.#tables.get(name);
    if (table?.deletedAt === undefined) return table;
    if (this.#world.clock.now() - table.deletedAt < CHANGE_MS) return table;
    this.#tables.delete(name);
    return undefined;
  }

  get(nameOrArn: string): Table {
    const table = this.find(nameOrArn);
    if (table !== undefined) return table;
    const name = nameOrArn.split(':table/').at(-1) ?? nameOrArn;
    throw new AwsFault(
      400,
      'ResourceNotFoundException',
      `Requested resource not found: Table: ${name} not found`,
    );
  }

  /** For items: a table that is only being made is as good as none. */
  getUsable(nameOrArn: string): Table {
    const table = this.find(nameOrArn);
    const status = table === undefined ? undefined : this.status(table);
    if (table !== undefined && (status === 'ACTIVE' || status === 'UPDATING')) return table;
    throw new AwsFault(400, 'ResourceNotFoundException', 'Requested resource not found');
  }

  /** For changes of the table itself. */
  getActive(nameOrArn: string): Table {
    const table = this.get(nameOrArn);
    const status = this.status(table);
    if (status === 'ACTIVE') return table;
    const what = { CREATING: 'created', UPDATING: 'updated', DELETING: 'deleted' }[status];
    throw new AwsFault(
      400,
      'ResourceInUseException',
      `Attempt to change a resource which is still in use: Table is being ${what}: ${table.name}`,
    );
  }

  status(table: Table): TableStatus {
    if (table.deletedAt !== undefined) return 'DELETING';
    if (this.#world.clock.now() >= table.changesUntil) return 'ACTIVE';
    return table.changesUntil === table.createdAt + CHANGE_MS ? 'CREATING' : 'UPDATING';
  }

  /** The table is UPDATING for a while. */
  markChanged(table: Table): void {
    table.changesUntil = this.#world.clock.now() + CHANGE_MS;
  }

  delete(table: Table): void {
    if (table.isProtected) {
      throw new AwsFault(
        400,
        'ValidationException',
        'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.',
      );
    }
    table.deletedAt = this.#world.clock.now();
  }

  all(): readonly Table[] {
    return [...this.#tables.keys()].toSorted().flatMap((name) => this.find(name) ?? []);
  }

  /** Turns a stream on, which always is a new one. */
  startStream(table: Table, viewType: StreamViewType): TableStream {
    // Two streams never share a label, even when they are made at once.
    this.#lastLabelAt = Math.max(this.#world.clock.now(), this.#lastLabelAt + 1);
    const label = new Date(this.#lastLabelAt).toISOString().slice(0, -1);
    const stream = new TableStream(`${table.arn}/stream/${label}`, label, viewType, this.#world);
    table.streams.push(stream);
    return stream;
  }

  stream(streamArn: string): TableStream | undefined {
    return this.find(streamArn)?.streams.find((stream) => stream.arn === streamArn);
  }

  item(table: Table, key: Item): Item | undefined {
    return table.items.get(canonical(key));
  }

  /** Writes an item, or deletes it, and returns what was there before. */
  write(table: Table, key: Item, item: Item | undefined): Item | undefined {
    const id = canonical(key);
    const before = table.items.get(id);
    if (item === undefined) table.items.delete(id);
    else table.items.set(id, item);
    const stream = table.streams.at(-1);
    if (stream?.isEnabled === true && !isSame(before, item)) {
      stream.add(key, before, item);
      this.#changed(stream.arn);
    }
    return before;
  }
}
