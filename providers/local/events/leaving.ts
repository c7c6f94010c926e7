import { numberOf, textOf } from '../store/rows.ts';
import { decoded, decodeLeaving } from './decode.ts';
import { deadLetterOf } from './give-up.ts';
import type { GiveUp, Lost } from './give-up.ts';
import type { EventParts, Job, Lane, LaneName } from './lane.ts';
import { warnOfLeft } from './removal.ts';

/** What is kept of an event that is under way although its binding is gone. */
export interface LeavingEvent {
  readonly lane: LaneName;
  readonly lost: Omit<Lost, 'lane'>;
}

/**
 * Events that were under way when their binding was removed. All else that is stored of them goes with the binding; so
 * that none is lost with a process that dies before their handler has ended, what would be given up is written down
 * here, in the transaction of the removal.
 */
export class Leaving {
  readonly #parts: EventParts;
  readonly #giveUp: GiveUp;
  readonly #sql;

  constructor(parts: EventParts, giveUp: GiveUp) {
    this.#parts = parts;
    this.#giveUp = giveUp;
    const { db } = parts.store;
    this.#sql = {
      keep: db.prepare('INSERT INTO ev_leaving (lane, job, event) VALUES (?, ?, ?)'),
      end: db.prepare('DELETE FROM ev_leaving WHERE lane = ? AND job = ?'),
      all: db.prepare('SELECT id, lane, event FROM ev_leaving WHERE id > ? ORDER BY id LIMIT 500'),
      clear: db.prepare('DELETE FROM ev_leaving'),
    };
  }

  /** @param key of the job that is under way: see {@link Job}. Runs in a transaction. */
  keep({ lane, ...lost }: Lost, laneId: number, key: string): void {
    const { ref, bindingId, event } = lane;
    const leaving: LeavingEvent = { lane: { ref, bindingId, event }, lost };
    this.#sql.keep.run(laneId, key, JSON.stringify(leaving));
  }

  /** The call has ended, and what it came to is written down. Runs in a transaction. */
  end({ lane, key }: Job): void {
    this.#sql.end.run(lane.id, key);
  }

  /** What an earlier process left so ends as if it had failed: nobody would try it again. Runs in a transaction. */
  recover(nowMs: number): void {
    const left = new Map<Lane['id'], { lane: LaneName; kept: number; dropped: number }>();
    for (const { laneId, text } of this.#each()) {
      const leaving = decoded(decodeLeaving, text);
      if (leaving === undefined) {
        this.#parts.warn(
          'An event that was under way when its binding was removed cannot be decoded and is given up: the state folder was damaged or changed by hand.',
          {},
        );
        continue;
      }
      const { lane, lost } = leaving;
      const counts = left.get(laneId) ?? { lane, kept: 0, dropped: 0 };
      left.set(laneId, counts);
      if (deadLetterOf(lane) === undefined) counts.dropped += 1;
      else {
        counts.kept += 1;
        this.#giveUp.toDeadLetter({ lane, ...lost }, nowMs);
      }
    }
    for (const { lane, ...counts } of left.values())
      warnOfLeft(this.#parts, lane, [{ ...counts, underWay: 0 }]);
    this.#sql.clear.run();
  }

  *#each(): Generator<{ readonly laneId: number; readonly text: string }> {
    let last = 0;
    for (;;) {
      const rows = this.#sql.all.all(last);
      if (rows.length === 0) return;
      for (const row of rows) {
        last = numberOf(row, 'id');
        yield { laneId: numberOf(row, 'lane'), text: textOf(row, 'event') };
      }
    }
  }
}
