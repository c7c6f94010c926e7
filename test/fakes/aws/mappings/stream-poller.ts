/** Brings the records of a stream to a function: a reader for each shard. */
import type { World } from '../core/ports.ts';
import type { Mapping } from './mapping.ts';
import type { Poller } from './poller.ts';
import { ShardReader } from './shard-reader.ts';
import { streamPort } from './source.ts';

export class StreamPoller implements Poller {
  readonly #world: World;
  readonly #mapping: Mapping;
  readonly #readers = new Map<string, ShardReader>();

  constructor(world: World, mapping: Mapping) {
    this.#world = world;
    this.#mapping = mapping;
    const port = streamPort(world, mapping.kind);
    for (const shard of port.shards(mapping.source)) {
      const isLatest = mapping.start?.position === 'LATEST';
      this.#add(shard, isLatest ? port.newest(mapping.source, shard) : undefined);
    }
  }

  get isBusy(): boolean {
    return [...this.#readers.values()].some((reader) => reader.isBusy);
  }

  wake(): void {
    if (!this.#mapping.isDelivering) return;
    const { kind, source } = this.#mapping;
    const port = streamPort(this.#world, kind);
    // A shard that came later is read from its beginning.
    for (const shard of port.exists(source) ? port.shards(source) : []) {
      if (!this.#readers.has(shard)) this.#add(shard, undefined);
    }
    for (const reader of this.#readers.values()) reader.wake();
  }

  stop(): void {
    for (const reader of this.#readers.values()) reader.stop();
  }

  #add(shard: string, position: string | undefined): void {
    this.#readers.set(shard, new ShardReader(this.#world, this.#mapping, shard, position));
  }
}
