/** What belongs to no version: as it was applied, and as the function's record says it. */
import { canonicalJson, sameJson } from 'polyfaas/spi';
import type { Ingress } from '../ingress.ts';

/** How this adapter sets functions up. Another number sets all of them up anew. */
const FORM = 3;

/** What a record's `settings` holds. JSON. A field is null while it is being changed, and what it comes to unknown. */
export interface AppliedSettings {
  readonly form: number;
  /** The digest of what instances know of the bindings. */
  readonly policies: string | null;
  /** The digest of the rules of asynchronous invocations; empty for a function that cannot be invoked. */
  readonly async: string | null;
  /** The service account that the function works as, and that deliveries are signed as. */
  readonly caller: string | null;
  readonly httpAccess: 'public' | 'private' | null;
  /** Anybody may call the service. */
  readonly isPublic: boolean | null;
  readonly keyId: string | null;
  /** What the service account was allowed to read: full names of secrets. */
  readonly secrets: readonly string[] | null;
  readonly minInstances: number | null;
  readonly keepVersions: number | null;
  readonly ingress: Ingress | null;
  /** The labels that the user gave. */
  readonly tags: Readonly<Record<string, string>> | null;
}

export function appliedSettings(parts: Omit<AppliedSettings, 'form'>): AppliedSettings {
  return { form: FORM, ...parts };
}

export function encodeApplied(settings: AppliedSettings): string {
  return canonicalJson(settings);
}

/** The settings while steps run that bring them from one state to another. */
export function unsettled(before: AppliedSettings, wish: AppliedSettings): AppliedSettings {
  return { ...before, ...differences(before, wish) };
}

function differences(before: AppliedSettings, wish: AppliedSettings): Partial<AppliedSettings> {
  return {
    ...(before.policies === wish.policies ? {} : { policies: null }),
    ...(before.async === wish.async ? {} : { async: null }),
    ...(before.caller === wish.caller ? {} : { caller: null }),
    ...(before.httpAccess === wish.httpAccess ? {} : { httpAccess: null }),
    ...(before.isPublic === wish.isPublic ? {} : { isPublic: null }),
    ...(before.keyId === wish.keyId ? {} : { keyId: null }),
    ...(sameJson(before.secrets, wish.secrets) ? {} : { secrets: null }),
    ...(before.minInstances === wish.minInstances ? {} : { minInstances: null }),
    ...(before.keepVersions === wish.keepVersions ? {} : { keepVersions: null }),
    ...(before.ingress === wish.ingress ? {} : { ingress: null }),
    ...(sameJson(before.tags, wish.tags) ? {} : { tags: null }),
  };
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
