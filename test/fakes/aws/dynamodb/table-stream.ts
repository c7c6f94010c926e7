/** The changes of a table, in order, as DynamoDB Streams tells them. One shard, so that order is never lost. */
import { createHash } from 'node:crypto';
import type { StreamItem, World } from '../core/ports.ts';
import type { Item } from './value.ts';

export const STREAM_VIEW_TYPES = [
  'NEW_IMAGE',
  'OLD_IMAGE',
  'NEW_AND_OLD_IMAGES',
  'KEYS_ONLY',
] as const;
export type StreamViewType = (typeof STREAM_VIEW_TYPES)[number];

const RETENTION_MS = 24 * 3_600_000;

export class TableStream {
  readonly arn: string;
  readonly label: string;
  readonly viewType: StreamViewType;
  readonly shard: string;
  isEnabled = true;
  readonly #world: World;
  readonly #items: StreamItem[] = [];
  #sequence = 0;

  constructor(arn: string, label: string, viewType: StreamViewType, world: World) {
    this.arn = arn;
    this.label = label;
    this.viewType = viewType;
    this.shard = `shardId-${String(Date.parse(`${label}Z`)).padStart(20, '0')}-00000001`;
    this.#world = world;
  }

  add(key: Item, before: Item | undefined, after: Item | undefined): void {
    this.#sequence += 1;
    const now = this.#world.clock.now();
    const sequenceNumber = String(100_000_000_000_000_000_000n + BigInt(this.#sequence));
    const showsNew = this.viewType === 'NEW_IMAGE' || this.viewType === 'NEW_AND_OLD_IMAGES';
    const showsOld = this.viewType === 'OLD_IMAGE' || this.viewType === 'NEW_AND_OLD_IMAGES';
    const images = {
      ...(showsNew && after !== undefined && { NewImage: after }),
      ...(showsOld && before !== undefined && { OldImage: before }),
    };
    this.#items.push({
      sequenceNumber,
      arrivedAt: now,
      record: {
        eventID: createHash('md5').update(`${this.arn}/${sequenceNumber}`).digest('hex'),
        eventName: before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY',
        eventVersion: '1.1',
        eventSource: 'aws:dynamodb',
        awsRegion: this.#world.region,
        dynamodb: {
          ApproximateCreationDateTime: Math.floor(now / 1000),
          Keys: key,
          ...images,
          SequenceNumber: sequenceNumber,
          SizeBytes: Buffer.byteLength(JSON.stringify({ key, ...images })),
          StreamViewType: this.viewType,
        },
      },
    });
  }

  read(after: string | undefined, max: number): readonly StreamItem[] {
    const oldest = this.#world.clock.now() - RETENTION_MS;
    return this.#items
      .filter(
        (item) => item.arrivedAt > oldest && (after === undefined || item.sequenceNumber > after),
      )
      .slice(0, max);
  }

  get newest(): string | undefined {
    return this.#items.at(-1)?.sequenceNumber;
  }
}
