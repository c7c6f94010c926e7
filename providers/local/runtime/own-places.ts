import type { PoolSettings } from '../ports.ts';
import type { Instance } from './instance.ts';
import { BRISK_START_MS, type Places, type PlaceUser } from './places.ts';

/** What a pool shows of itself. */
export interface PlacesOwner {
  readonly settings: Pick<PoolSettings, 'minInstances' | 'concurrency'>;
  /** Those that serve calls, or will. */
  readonly instances: ReadonlySet<Instance>;
  /** Those with room; the most recently used last. */
  readonly available: readonly Instance[];
  readonly waiting: { readonly size: number };
  /** Instances that its own limit leaves. */
  room(): number;
  stop(instance: Instance): void;
  serveWaiting(): void;
}

/** The part of a pool in the limit that it has together with others. */
export class OwnPlaces implements PlaceUser {
  readonly #places: Places;
  readonly #owner: PlacesOwner;
  #held = 0;

  constructor(places: Places, owner: PlacesOwner) {
    this.#places = places;
    this.#owner = owner;
    places.enter(this);
  }

  get wanted(): number {
    const { settings, waiting } = this.#owner;
    return Math.min(this.#owner.room(), Math.ceil(waiting.size / settings.concurrency));
  }

  get size(): number {
    return this.#owner.instances.size;
  }

  get leaving(): number {
    let leaving = 0;
    for (const { state } of this.#owner.instances) if (state === 'condemned') leaving += 1;
    return leaving;
  }

  get starting(): number {
    const sinceMs = performance.now() - BRISK_START_MS;
    let starting = 0;
    for (const { state, startedMs } of this.#owner.instances) {
      if (state === 'starting' && startedMs > sinceMs) starting += 1;
    }
    return starting;
  }

  get restingSinceMs(): number | undefined {
    return this.#resting?.idleSinceMs;
  }

  endResting(): void {
    const resting = this.#resting;
    if (resting) this.#owner.stop(resting);
  }

  placeFree(): void {
    this.#owner.serveWaiting();
  }

  /**
   * What `minInstances` keeps standing was asked for, and needs no place.
   * @param ahead no call waits for it.
   */
  mayStart(ahead = false): boolean {
    return this.size < this.#owner.settings.minInstances || this.#places.mayStart(this, ahead);
  }

  /** An instance is ready. */
  started(): void {
    if (!this.#places.isCrowded) return;
    this.#places.makeRoom();
    this.#places.started();
  }

  /** There is no place for one more instance, whoever starts now. */
  get areTaken(): boolean {
    return this.#places.areTaken;
  }

  /** A call waits: where it is not for the pool's own limit, the pool waits for a place. */
  wait(): void {
    if (this.#owner.room() > 0) this.#places.wait(this);
  }

  /** Instances came, or went. */
  changed(): void {
    const before = this.#held;
    this.#held = Math.max(0, this.size - this.#owner.settings.minInstances);
    if (this.#held !== before) this.#places.changed(this.#held - before);
  }

  /** A call has ended. @returns true when the instance ends so that another function has one. */
  givesWay(instance: Instance): boolean {
    if (!this.#places.isCrowded || instance.state !== 'ready' || !this.#isAboveStanding)
      return false;
    if (!this.#places.mustGiveWay(this)) return false;
    instance.condemn();
    return true;
  }

  /** An instance has nothing to do. */
  rests(): void {
    if (this.#places.isCrowded) this.#places.makeRoom();
  }

  leave(): void {
    this.#places.leave(this);
  }

  /** Of those that may be ended the one that was used longest ago. */
  get #resting(): Instance | undefined {
    if (!this.#isAboveStanding) return undefined;
    return this.#owner.available.find(({ state, active }) => state === 'ready' && active === 0);
  }

  get #isAboveStanding(): boolean {
    return this.size > this.#owner.settings.minInstances;
  }
}
