/** The documents of a container, and its change feed in latest-version mode. */
import { createHash } from 'node:crypto';
import { guidOf } from '../core/guid.ts';
import { at, type JsonMap } from '../core/json.ts';
import type { FakeClock } from '../core/ports.ts';

/** Ranges of partition keys: each has a feed of its own, in order. */
export const RANGES = ['0', '1'] as const;

interface Kept {
  readonly range: string;
  readonly lsn: number;
  readonly document: JsonMap;
}

/** One read of a feed. */
export interface FeedPage {
  readonly documents: readonly JsonMap[];
  /** Where to go on. */
  readonly next: number;
}

export class ContainerData {
  readonly #clock: FakeClock;
  readonly #path: readonly string[];
  readonly #rid: string;
  /** By partition key and id. */
  readonly #documents = new Map<string, Kept>();
  readonly #listeners = new Set<(range: string) => void>();
  /** When each change was made, in whole seconds, as `_ts` tells it; the first is that of position 1. */
  readonly #times: number[] = [];
  #lsn = 0;

  constructor(clock: FakeClock, partitionPath: string, id: string) {
    this.#clock = clock;
    this.#path = partitionPath.split('/').filter((part) => part !== '');
    this.#rid = Buffer.from(guidOf(id)).toString('base64').slice(0, 11);
  }

  /** The position behind all changes so far. */
  get end(): number {
    return this.#lsn;
  }

  /** The position behind all changes of a second and of those before: what is read from a time is later than it. */
  endOf(second: number): number {
    const later = this.#times.findIndex((time) => time > second);
    return later === -1 ? this.#lsn : later;
  }

  upsert(document: JsonMap): void {
    const { id } = document;
    if (typeof id !== 'string' || id === '') {
      throw new Error('A document of Cosmos DB needs a text as its id');
    }
    const partitionKey = JSON.stringify(at(document, ...this.#path) ?? null);
    const hash = createHash('sha256').update(partitionKey).digest().readUInt8();
    const range = RANGES[hash % RANGES.length] ?? '0';
    this.#lsn += 1;
    const second = Math.floor(this.#clock.now() / 1000);
    this.#times.push(second);
    const tag = guidOf(`${this.#rid} ${id} ${this.#lsn}`);
    const kept: JsonMap = {
      ...document,
      _rid: `${this.#rid}${Buffer.from(id).toString('base64')}`,
      _self: `dbs/${this.#rid}/docs/${id}/`,
      _etag: `"${tag}"`,
      _attachments: 'attachments/',
      _ts: second,
      _lsn: this.#lsn,
    };
    this.#documents.set(`${partitionKey} ${id}`, { range, lsn: this.#lsn, document: kept });
    for (const listener of this.#listeners) listener(range);
  }

  /** Deletions are not in the feed. */
  delete(id: string): void {
    for (const [key, { document }] of this.#documents) {
      if (document['id'] === id) this.#documents.delete(key);
    }
  }

  /** What changed behind a position: every document once, as it is now. */
  read(range: string, from: number, most: number): FeedPage {
    const changed = [...this.#documents.values()]
      .filter((kept) => kept.range === range && kept.lsn > from)
      .sort((one, other) => one.lsn - other.lsn)
      .slice(0, most);
    return {
      documents: changed.map(({ document }) => document),
      next: changed.at(-1)?.lsn ?? from,
    };
  }

  watch(listener: (range: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
