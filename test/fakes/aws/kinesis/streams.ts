/** The streams of Kinesis and what is in them. */
import { createHash } from 'node:crypto';
import { AwsFault } from '../core/service.ts';
import type { World } from '../core/ports.ts';

/** On-demand streams, and those whose count is not given. */
const DEFAULT_SHARDS = 2;
const CHANGE_MS = 2_000;
const RETENTION_MS = 24 * 3_600_000;
const HASH_KEYS = 2n ** 128n;

export interface ShardRecord {
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  readonly data: Buffer;
  readonly arrivedAt: number;
}

export interface Shard {
  readonly id: string;
  readonly firstHash: bigint;
  readonly lastHash: bigint;
  readonly firstSequenceNumber: string;
  readonly records: ShardRecord[];
}

export interface Stream {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly mode: 'ON_DEMAND' | 'PROVISIONED';
  readonly shards: readonly Shard[];
  readonly tags: Map<string, string>;
  deletedAt: number | undefined;
}

export type StreamStatus = 'CREATING' | 'ACTIVE' | 'DELETING';

export class Streams {
  readonly #world: World;
  readonly #streams = new Map<string, Stream>();
  #sequence = 0n;

  constructor(world: World) {
    this.#world = world;
  }

  arnOf(name: string): string {
    return `arn:aws:kinesis:${this.#world.region}:${this.#world.account}:stream/${name}`;
  }

  create(
    name: string,
    wish: { mode: Stream['mode']; shardCount?: number; tags: ReadonlyMap<string, string> },
  ): void {
    if (this.find(name) !== undefined) {
      throw new AwsFault(
        400,
        'ResourceInUseException',
        `Stream ${name} under account ${this.#world.account} already exists.`,
      );
    }
    const count = wish.mode === 'ON_DEMAND' ? DEFAULT_SHARDS : (wish.shardCount ?? DEFAULT_SHARDS);
    this.#streams.set(name, {
      name,
      arn: this.arnOf(name),
      createdAt: this.#world.clock.now(),
      mode: wish.mode,
      shards: Array.from({ length: count }, (_, index) => this.#shard(index, count)),
      tags: new Map(wish.tags),
      deletedAt: undefined,
    });
  }

  #shard(index: number, count: number): Shard {
    const size = HASH_KEYS / BigInt(count);
    const isLast = index === count - 1;
    return {
      id: `shardId-${String(index).padStart(12, '0')}`,
      firstHash: BigInt(index) * size,
      lastHash: isLast ? HASH_KEYS - 1n : BigInt(index + 1) * size - 1n,
      firstSequenceNumber: this.#nextSequenceNumber(),
      records: [],
    };
  }

  /** 56 digits that always grow. */
  #nextSequenceNumber(): string {
    this.#sequence += 1n;
    return `49${String(this.#sequence).padStart(54, '0')}`;
  }

  find(nameOrArn: string): Stream | undefined {
    const name = nameOrArn.startsWith('arn:') ? nameOrArn.split(':stream/')[1] : nameOrArn;
    const stream = this.#streams.get(name ?? '');
    if (stream === undefined || (nameOrArn.startsWith('arn:') && stream.arn !== nameOrArn)) {
      return undefined;
    }
    if (stream.deletedAt !== undefined && this.#age(stream.deletedAt) >= CHANGE_MS) {
      this.#streams.delete(stream.name);
      return undefined;
    }
    return stream;
  }

  get(nameOrArn: string): Stream {
    const stream = this.find(nameOrArn);
    if (stream !== undefined) return stream;
    const name = nameOrArn.split(':stream/').at(-1) ?? nameOrArn;
    throw new AwsFault(
      400,
      'ResourceNotFoundException',
      `Stream ${name} under account ${this.#world.account} not found.`,
    );
  }

  /** @throws AwsFault while it is being made or goes away. */
  getActive(nameOrArn: string): Stream {
    const stream = this.get(nameOrArn);
    const status = this.status(stream);
    if (status === 'ACTIVE') return stream;
    throw new AwsFault(
      400,
      'ResourceInUseException',
      `Stream ${stream.name} under account ${this.#world.account} not ACTIVE, instead in state ${status}`,
    );
  }

  status(stream: Stream): StreamStatus {
    if (stream.deletedAt !== undefined) return 'DELETING';
    return this.#age(stream.createdAt) < CHANGE_MS ? 'CREATING' : 'ACTIVE';
  }

  delete(stream: Stream): void {
    stream.deletedAt ??= this.#world.clock.now();
  }

  all(): readonly Stream[] {
    return [...this.#streams.keys()].toSorted().flatMap((name) => this.find(name) ?? []);
  }

  put(
    stream: Stream,
    partitionKey: string,
    data: Buffer,
    explicitHash?: string,
  ): {
    readonly shard: Shard;
    readonly record: ShardRecord;
  } {
    const hash =
      explicitHash === undefined
        ? BigInt(`0x${createHash('md5').update(partitionKey).digest('hex')}`)
        : BigInt(explicitHash);
    const shard = stream.shards.find((each) => hash >= each.firstHash && hash <= each.lastHash);
    if (shard === undefined) {
      throw new AwsFault(
        400,
        'InvalidArgumentException',
        `Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was ${hash}`,
      );
    }
    const record = {
      sequenceNumber: this.#nextSequenceNumber(),
      partitionKey,
      data,
      arrivedAt: this.#world.clock.now(),
    };
    shard.records.push(record);
    return { shard, record };
  }

  /** Records behind a position; what is older than the retention is gone. */
  read(shard: Shard, after: string | undefined, max: number): readonly ShardRecord[] {
    const kept = shard.records.findIndex((record) => this.#age(record.arrivedAt) < RETENTION_MS);
    shard.records.splice(0, kept < 0 ? shard.records.length : kept);
    const start =
      after === undefined ? 0 : shard.records.findIndex((record) => record.sequenceNumber > after);
    return start < 0 ? [] : shard.records.slice(start, start + max);
  }

  #age(since: number): number {
    return this.#world.clock.now() - since;
  }
}
