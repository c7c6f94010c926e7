import { hash } from 'node:crypto';
import type { JsonValue } from '../function/json.types.ts';

/** One thing that went into an artifact. */
export interface DigestInput {
  /** The same on any machine and in any folder. */
  readonly name: string;
  /** 0o644 or 0o755 for what is added as it is; absent for what is bundled, where it means nothing. */
  readonly mode?: number;
  /** SHA-256 of the contents. */
  readonly hash: string;
}

/** All that decides what an artifact is. */
export interface DigestParts {
  readonly form: 'code' | 'prebuilt' | 'image';
  readonly settings: JsonValue;
  /** Tool name to version. */
  readonly tools: Readonly<Record<string, string>>;
  readonly inputs: readonly DigestInput[];
}

/** Raised when the same inputs begin to give another artifact. */
const FORMAT = 2;

/** 40 hex characters over names, modes, contents, settings and tool versions. The order of inputs has no meaning. */
export function digestOf(parts: DigestParts): string {
  const inputs = parts.inputs
    .map(({ name, mode, hash: contents }) => JSON.stringify([name, mode ?? null, contents]))
    .sort();
  const text = JSON.stringify([
    FORMAT,
    parts.form,
    sorted(parts.settings),
    sorted({ ...parts.tools }),
  ]);
  return hash('sha256', `${text}\n${inputs.join('\n')}`).slice(0, 40);
}

/** The value with the keys of every object in order, so that the order of writing has no meaning. */
export function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
