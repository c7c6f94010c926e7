/** A pool, as the places see it. */
export interface PlaceUser {
  /** Instances that it would start at once. */
  readonly wanted: number;
  /** Instances that serve calls, or will. */
  readonly size: number;
  /** Instances that take no new calls, and leave their places when those that they serve have ended. */
  readonly leaving: number;
  /** Since when the instance rests that has rested longest and may be ended, on the clock; undefined: there is none. */
  readonly restingSinceMs: number | undefined;
  /** Ends that instance. */
  endResting(): void;
  /** There is a place for one more instance. */
  placeFree(): void;
}

/** After so long somebody who has less gets the place of an instance that would go on with its own calls. */
const PATIENCE_MS = 1_000;

/**
 * The limit that all pools of a platform have together. Instances that rest are ended to make room, those first that
 * have rested longest; where none rests, pools wait in order. One under load goes on with its own calls, so that starts
 * are few, but makes way for another that has less and has waited for a while.
 */
export class Places {
  readonly limit: number;
  readonly #patienceMs: number;
  readonly #users = new Set<PlaceUser>();
  /** In order, with the machine's time since when they wait. */
  readonly #waiting = new Map<PlaceUser, number>();
  #taken = 0;
  #turn: PlaceUser | undefined;
  /** Somebody waits. A field, as every call that ends looks at it. */
  isCrowded = false;

  constructor(limit: number, patienceMs = PATIENCE_MS) {
    this.limit = limit;
    this.#patienceMs = patienceMs;
  }

  enter(user: PlaceUser): void {
    this.#users.add(user);
  }

  leave(user: PlaceUser): void {
    this.#users.delete(user);
    this.#waiting.delete(user);
    this.isCrowded = this.#waiting.size > 0;
  }

  /** Whether there is a place for one more instance; nobody overtakes who waits. */
  mayStart(user: PlaceUser): boolean {
    if (this.#turn === user) {
      this.#turn = undefined;
      return true;
    }
    if (this.#waiting.size > 0) return false;
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
    while (this.#taken < this.limit) {
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
    while (this.isCrowded && this.#taken >= this.limit) {
      const user = this.#longestResting();
      if (!user) return;
      // Its place goes to who waits at once.
      user.endResting();
    }
  }

  /** Whether it is to give an instance up that it could use itself. */
  mustGiveWay(user: PlaceUser): boolean {
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
