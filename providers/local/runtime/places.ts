/** A pool, as the places see it. */
export interface PlaceUser {
  /** Instances that it would start at once. */
  readonly wanted: number;
  /** Instances that serve calls, or will. */
  readonly size: number;
  /** Instances that take no new calls, and leave their places when those that they serve have ended. */
  readonly leaving: number;
  /** Instances that have begun to start a moment ago. */
  readonly starting: number;
  /** Since when the instance rests that has rested longest and may be ended, on the clock; undefined: there is none. */
  readonly restingSinceMs: number | undefined;
  /** Ends that instance. */
  endResting(): void;
  /** There is a place for one more instance. */
  placeFree(): void;
}

/** After so long somebody who has less gets the place of an instance that would go on with its own calls. */
const PATIENCE_MS = 1_000;

/** A start that takes longer waits for something, and takes no time of others. */
export const BRISK_START_MS = 1_000;

/**
 * The limit that all pools of a platform have together. Instances that rest are ended to make room, those first that
 * have rested longest; where none rests, pools wait in order. One under load goes on with its own calls, so that starts
 * are few, but makes way for another that has less and has waited for a while.
 *
 * No more start at once than the processors can: of sixty that do, each takes as long as all, and so does whatever else this
 * program does. While some start, calls are served by instances that come free, and mostly none of the others is needed.
 */
export class Places {
  readonly limit: number;
  readonly #patienceMs: number;
  readonly #startsAtOnce: number;
  readonly #users = new Set<PlaceUser>();
  /** In order, with the machine's time since when they wait. */
  readonly #waiting = new Map<PlaceUser, number>();
  #taken = 0;
  #turn: PlaceUser | undefined;
  #slowStart: NodeJS.Timeout | undefined;
  /** Somebody waits. A field, as every call that ends looks at it. */
  isCrowded = false;

  /** @param manner `patienceMs`: how long one waits for its turn before another makes way. */
  constructor(
    limit: number,
    {
      patienceMs = PATIENCE_MS,
      startsAtOnce = Infinity,
    }: { readonly patienceMs?: number; readonly startsAtOnce?: number } = {},
  ) {
    this.limit = limit;
    this.#patienceMs = patienceMs;
    this.#startsAtOnce = startsAtOnce;
  }

  get areTaken(): boolean {
    return this.#taken >= this.limit;
  }

  enter(user: PlaceUser): void {
    this.#users.add(user);
  }

  leave(user: PlaceUser): void {
    this.#users.delete(user);
    this.#waiting.delete(user);
    this.isCrowded = this.#waiting.size > 0;
  }

  /**
   * Whether there is a place for one more instance; nobody overtakes who waits.
   * @param ahead it was asked for, and no call could be served by another one meanwhile.
   */
  mayStart(user: PlaceUser, ahead = false): boolean {
    if (this.#turn === user) {
      this.#turn = undefined;
      return true;
    }
    if (this.#waiting.size > 0 || (!ahead && this.#isStartingEnough())) return false;
    if (this.#taken >= this.limit) this.#longestResting(user)?.endResting();
    return this.#taken < this.limit;
  }

  /** It is told when there is a place for it. */
  wait(user: PlaceUser): void {
    if (!this.#waiting.has(user)) this.#waiting.set(user, performance.now());
    this.isCrowded = true;
    this.makeRoom();
  }

  /** It has so many more instances now, or less. */
  changed(difference: number): void {
    this.#taken += difference;
    this.started();
  }

  /** A start is over, or takes its time: the next one may begin. */
  started(): void {
    while (this.#waiting.size > 0 && this.#taken < this.limit && !this.#isStartingEnough()) {
      const [user] = this.#waiting.keys();
      if (!user) return;
      this.#waiting.delete(user);
      this.isCrowded = this.#waiting.size > 0;
      this.#turn = user;
      // If it wants another one it waits again, behind the others.
      user.placeFree();
      this.#turn = undefined;
    }
  }

  /** Ends instances that rest, as many as are waited for. */
  makeRoom(): void {
    for (const user of this.#waiting.keys()) if (user.wanted === 0) this.#waiting.delete(user);
    this.isCrowded = this.#waiting.size > 0;
    while (this.isCrowded && this.#taken >= this.limit && !this.#isStartingEnough()) {
      const user = this.#longestResting();
      if (!user) return;
      // Its place goes to who waits at once.
      user.endResting();
    }
  }

  /** Whether it is to give an instance up that it could use itself. */
  mustGiveWay(user: PlaceUser): boolean {
    if (this.#taken < this.limit) return false;
    const sinceMs = performance.now() - this.#patienceMs;
    let due = 0;
    for (const [other, waitsSinceMs] of this.#waiting) {
      if (other === user || other.wanted === 0 || waitsSinceMs > sinceMs) continue;
      if (other.size === 0 || other.size + 1 < user.size) due += 1;
    }
    if (due === 0) return false;
    for (const one of this.#users) due -= one.leaving;
    return due > 0;
  }

  #isStartingEnough(): boolean {
    if (this.#startsAtOnce === Infinity) return false;
    let starting = 0;
    for (const user of this.#users) starting += user.starting;
    if (starting < this.#startsAtOnce) return false;
    if (this.#slowStart === undefined) this.#slowStart = this.#lookLater();
    return true;
  }

  #lookLater(): NodeJS.Timeout {
    return setTimeout(() => {
      this.#slowStart = undefined;
      this.makeRoom();
      this.started();
    }, BRISK_START_MS).unref();
  }

  /** @param but whose own instances would be ended for one of its own. */
  #longestResting(but?: PlaceUser): PlaceUser | undefined {
    let found: PlaceUser | undefined;
    let foundMs = Infinity;
    for (const user of this.#users) {
      const { restingSinceMs } = user;
      if (user === but || restingSinceMs === undefined || restingSinceMs >= foundMs) continue;
      found = user;
      foundMs = restingSinceMs;
    }
    return found;
  }
}
