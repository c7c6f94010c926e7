/** Reads the members of a request's `properties`, and refuses what is out of range. */
import { isMap, type JsonMap } from '../../core/json.ts';
import type { ArmFault } from '../../core/service.ts';
import { durationMs } from './duration.ts';

/** Says no, in the words of the service. */
export type Refuse = (message: string) => ArmFault;

/** Reads one member each; undefined when it is absent or null. */
export interface Fields {
  text(name: string): string | undefined;
  word<Word extends string>(name: string, allowed: readonly Word[]): Word | undefined;
  count(name: string, least: number, most: number): number | undefined;
  flag(name: string): boolean | undefined;
  /** An ISO 8601 duration, as it was sent. */
  span(name: string, leastMs: number, mostMs: number): string | undefined;
  map(name: string): JsonMap | undefined;
  list(name: string): readonly unknown[] | undefined;
}

export function readFields(map: JsonMap, refuse: Refuse): Fields {
  const get = (name: string): unknown => map[name] ?? undefined;
  const wrong = (name: string, wanted: string): ArmFault =>
    refuse(`The value '${told(map[name])}' of '${name}' is not valid. It must be ${wanted}.`);
  return {
    text(name) {
      const value = get(name);
      if (value === undefined || typeof value === 'string') return value;
      throw wrong(name, 'a text');
    },
    word(name, allowed) {
      const value = get(name);
      if (value === undefined) return undefined;
      const text = typeof value === 'string' ? value.toLowerCase() : '';
      const found = allowed.find((word) => word.toLowerCase() === text);
      if (found === undefined) throw wrong(name, `one of ${allowed.join(', ')}`);
      return found;
    },
    count(name, least, most) {
      const value = get(name);
      if (value === undefined) return undefined;
      const isGood = typeof value === 'number' && Number.isInteger(value);
      if (!isGood || value < least || value > most) throw wrong(name, `from ${least} to ${most}`);
      return value;
    },
    flag(name) {
      const value = get(name);
      if (value === undefined || typeof value === 'boolean') return value;
      throw wrong(name, 'true or false');
    },
    span(name, leastMs, mostMs) {
      const value = get(name);
      if (value === undefined) return undefined;
      const ms = typeof value === 'string' ? durationMs(value) : undefined;
      if (typeof value !== 'string' || ms === undefined || ms < leastMs || ms > mostMs) {
        throw wrong(name, `a duration from ${leastMs / 1000} to ${mostMs / 1000} seconds`);
      }
      return value;
    },
    map(name) {
      const value = get(name);
      if (value === undefined || isMap(value)) return value;
      throw wrong(name, 'an object');
    },
    list(name) {
      const value = get(name);
      if (value === undefined) return undefined;
      if (!Array.isArray(value)) throw wrong(name, 'a list');
      return value;
    },
  };
}

function told(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');
}
