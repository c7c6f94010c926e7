/** One partition of an event hub: a log that is only added to, and read from any place. */

export interface HubRecord {
  readonly sequenceNumber: number;
  /** Bytes from the beginning, as a text. */
  readonly offset: string;
  /** Undefined when it was sent without. */
  readonly partitionKey: string | undefined;
  readonly enqueuedAt: number;
  readonly body: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

export class Partition {
  readonly id: string;
  #records: HubRecord[] = [];
  #next = 0;
  #bytes = 0;

  constructor(id: string) {
    this.id = id;
  }

  /** The number that the next record gets. */
  get end(): number {
    return this.#next;
  }

  /** The number of the first record that came then or later. */
  positionAt(time: number): number {
    const found = this.#records.find(({ enqueuedAt }) => enqueuedAt >= time);
    return found?.sequenceNumber ?? this.#next;
  }

  append(record: Pick<HubRecord, 'partitionKey' | 'enqueuedAt' | 'body' | 'properties'>): void {
    this.#records.push({
      ...record,
      sequenceNumber: this.#next,
      offset: String(this.#bytes),
    });
    this.#next += 1;
    this.#bytes += Buffer.byteLength(record.body) + 40;
  }

  /** From a sequence number on; what was there before `since` is gone. */
  read(from: number, most: number, since: number): readonly HubRecord[] {
    this.#records = this.#records.filter(({ enqueuedAt }) => enqueuedAt >= since);
    return this.#records.filter(({ sequenceNumber }) => sequenceNumber >= from).slice(0, most);
  }
}
