/** What belongs to no version: as it was applied, and as the function's record says it. */
import { canonicalJson } from 'polyfaas/spi';
import type { AsyncRules } from '../manifest.ts';

/** How this adapter sets functions up. Another number sets all of them up anew. */
const FORM = 1;

/** What a record's `settings` holds. JSON. */
export interface AppliedSettings {
  readonly form: number;
  /** As declared; null where asynchronous invocations are not offered. A version that cannot be invoked has none. */
  readonly async: AsyncRules | null;
  readonly keyId: string;
  /** 0; another number each time that lost keys were made anew. Deployments of before do not know the new ones. */
  readonly keys: number;
  readonly tags: Readonly<Record<string, string>>;
  /** A domain that the http routes are told by; null: Vercel's. */
  readonly domain: string | null;
}

export function appliedSettings(parts: Omit<AppliedSettings, 'form'>): AppliedSettings {
  return { form: FORM, ...parts };
}

export function encodeApplied(settings: AppliedSettings): string {
  return canonicalJson(settings);
}

/** Null for what says nothing: a first deploy, or one that did not come to its end. */
export function decodeApplied(text: string): AppliedSettings | null {
  try {
    const value: unknown = JSON.parse(text);
    return isApplied(value) ? value : null;
  } catch {
    return null;
  }
}

// Only this adapter writes the text; one of another form is as good as none.
function isApplied(value: unknown): value is AppliedSettings {
  return typeof value === 'object' && value !== null && 'form' in value && value.form === FORM;
}
