/** Plans in words: what differs from run to run, or with each change of the code that is packaged, gets a number. */
import type { JsonObject, JsonValue, Plan } from 'polyfaas/spi';

/** What a plan of the fake's may hold, and by which word each is called. */
interface Word {
  /** Empty: only what was named is called otherwise. */
  readonly word: string;
  readonly pattern: RegExp;
}

const WORDS: readonly Word[] = [
  { word: 'time', pattern: /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g },
  { word: 'digest', pattern: /(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])/g },
  { word: 'version', pattern: /(?<![0-9a-f])[0-9a-f]{10}(?![0-9a-f])/g },
  { word: 'address', pattern: /\b127\.0\.0\.1:\d+/g },
  // Ids of roles are Azure's own, and the same everywhere.
  { word: '', pattern: /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g },
];

type PlainStep = JsonObject & { readonly input: JsonObject };

/** Numbers by first appearance: what is the same stays the same. */
export class Chance {
  readonly #known = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  /** @param fixed what is to be called by words of its own. */
  constructor(fixed: Readonly<Record<string, string>>) {
    for (const [value, word] of Object.entries(fixed)) this.#known.set(value, word);
  }

  /** Where a step works is told once, in front. */
  plan(plan: Plan): JsonValue {
    const { steps, ...rest }: { steps: readonly PlainStep[] } & JsonObject = JSON.parse(
      JSON.stringify(plan),
    );
    const targets = new Map<string, JsonValue>();
    const short = steps.map(({ input: { target = null, ...input }, ...step }) => {
      const text = JSON.stringify(target);
      if (!targets.has(text)) targets.set(text, target);
      const number = [...targets.keys()].indexOf(text) + 1;
      return { ...step, input: { target: `<target ${number}>`, ...input } };
    });
    const named = [...targets.values()].map((one, index) => [`<target ${index + 1}>`, one]);
    return this.#value({ targets: Object.fromEntries(named), ...rest, steps: short });
  }

  #value(value: JsonValue): JsonValue {
    if (typeof value === 'string') return this.#text(value);
    if (Array.isArray(value)) return value.map((one) => this.#value(one));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [this.#text(key), this.#value(one ?? null)]),
    );
  }

  #text(text: string): string {
    let result = text;
    for (const { word, pattern } of WORDS) {
      result = result.replaceAll(pattern, (found) => this.#wordOf(word, found));
    }
    return result;
  }

  #wordOf(word: string, found: string): string {
    const known = this.#known.get(found);
    if (known !== undefined) return known;
    if (word === '') return found;
    const number = (this.#counts.get(word) ?? 0) + 1;
    this.#counts.set(word, number);
    const name = `<${word} ${number}>`;
    this.#known.set(found, name);
    return name;
  }
}
