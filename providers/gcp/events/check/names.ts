/** What Google's services take as names of sources. */
import { FULL_NAME } from '../source.ts';

export interface SourceRule {
  readonly fullName: RegExp;
  readonly pattern: RegExp;
  /** What the pattern means, for people. */
  readonly rule: string;
  readonly example: string;
}

/** "Guidelines to name a topic, subscription, schema, or snapshot". */
const TOPIC: SourceRule = {
  fullName: FULL_NAME.topic,
  pattern: /^(?!goog)[A-Za-z][A-Za-z0-9._~+%-]{2,254}$/,
  rule: '3 to 255 letters, digits and any of . _ ~ + % -, a letter first, and not beginning with "goog"',
  example: 'projects/my-project/topics/orders',
};

export const SOURCE_RULES = {
  queue: TOPIC,
  topic: TOPIC,
  bus: TOPIC,
  /** "About Cloud Storage buckets", bucket names. */
  bucket: {
    fullName: FULL_NAME.bucket,
    pattern:
      /^(?!goog)(?!.*g[o0]{2}g[l1]e)(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)(?=.{3,222}$)[a-z0-9](?:[a-z0-9_-]|\.(?=[a-z0-9])){0,220}[a-z0-9]$/,
    rule: '3 to 63 lower-case letters, digits, "-" and "_" (with "." up to 222, for domains that are verified), beginning and ending with a letter or digit, without "google" and not beginning with "goog"',
    example: 'projects/_/buckets/my-pictures',
  },
  /** Firestore, "Usage and limits", collection ids; "*", "{" and "}" are Eventarc's own. */
  table: {
    fullName: FULL_NAME.table,
    pattern: /^(?!\.{1,2}$)(?!__.*__$)[^/*{}\s]{1,500}$/u,
    rule: '1 to 500 characters without "/", "*", "{", "}" and spaces, not "." or "..", and not between double "_"',
    example: 'projects/my-project/databases/(default)/documents/orders',
  },
} satisfies Readonly<Record<string, SourceRule>>;
