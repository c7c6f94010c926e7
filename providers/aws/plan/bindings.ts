/** Bindings, as part of a whole plan: what the role needs for them, and the marks in the record around their steps. */
import { digestOf, type Binding, type Phase, type Step } from 'polyfaas/spi';
import type { Claim } from '../events/claim/claim.ts';
import { planBindings } from '../events/plan.ts';
import { eventStatements } from '../events/statements.ts';
import type { BindingPlan, BindingWish } from '../events/types.ts';
import type { Statement, Target } from '../model.ts';
import { EMPTY_RECORD, TAG, encodeRecord, type FunctionRecord } from '../record.ts';
import { merged } from '../policy/document.ts';
import { isRemoving } from '../removing.ts';
import { claimOf } from './claimed.ts';
import { refusal, step } from './parts.ts';

export interface BoundPlan extends BindingPlan {
  /** What the role needed, what it needs while both are there, and what in the end. */
  readonly before: readonly Statement[];
  readonly during: readonly Statement[];
  readonly after: readonly Statement[];
  /** Undefined where no step touches anything. */
  readonly claim: Claim | undefined;
}

export function planBound(wish: BindingWish): BoundPlan {
  const before = eventStatements({ ...wish, bindings: wish.record.bindings });
  const after = eventStatements(wish);
  const bound = planBindings(wish);
  return { ...bound, before, during: merged(before, after), after, claim: claimOf(wish, bound) };
}

/** The record while the steps run: what is about to go is still in it, so that a later plan finds it. */
export function pendingRecord(
  record: FunctionRecord,
  bound: BindingPlan,
  bindings: readonly Binding[],
  settings: string,
): FunctionRecord {
  const wished = new Set(bindings.map(({ id }) => id));
  const leaving = record.bindings.filter(({ id }) => !wished.has(id));
  return {
    bindings: [...bindings, ...leaving].toSorted(byId),
    pending: [...new Set([...record.pending, ...bound.touched])].toSorted(),
    made: bound.made,
    settings,
    url: record.url,
    mark: markOf(record, bindings),
  };
}

/** The record when all is done. The address may be known only then. */
export function finalRecord(
  record: FunctionRecord,
  bound: BindingPlan,
  bindings: readonly Binding[],
  settings: string,
): Omit<FunctionRecord, 'url'> & { readonly url: BindingPlan['url'] } {
  const mark = markOf(record, bindings);
  return { ...EMPTY_RECORD, bindings, made: bound.made, settings, url: bound.url, mark };
}

/**
 * Follows from the mark before. So a record that says what one said before is another one, and who was overtaken by both
 * an addition and its removal sees that.
 */
export function markOf(record: FunctionRecord, bindings: readonly Binding[]): string {
  return digestOf([record, bindings]).slice(0, 12);
}

/** Writes a record into the function's tags. */
export function recordStep(
  target: Target,
  parts: {
    readonly id: 'pending' | 'record';
    readonly record: Omit<FunctionRecord, 'url'> & { readonly url: BindingPlan['url'] };
    readonly tags?: Readonly<Record<string, string>>;
    readonly untag?: readonly string[];
    /** How many tags of an earlier record may be there by then. */
    readonly parts?: number;
    readonly phase?: Phase;
    /** What the record was when this operation looked, and what it has made of it. Another one is somebody else's: CONFLICT. */
    readonly knows?: readonly FunctionRecord[];
    /** What the steps before it touched. Default: nothing. */
    readonly claim?: Claim | undefined;
    /** The tags that the function has. */
    readonly present: Readonly<Record<string, string>> | undefined;
  },
): Step {
  refuseLongRecord(target, parts.record);
  return step(target, {
    id: parts.id,
    kind: 'write-record',
    phase: parts.phase ?? (parts.id === 'pending' ? 'bind' : 'retire'),
    title: parts.id === 'pending' ? 'Note what is about to change' : 'Note what is there now',
    // Who is overtaken waits for the other to end.
    deadlineSeconds: 300,
    input: {
      record: parts.record,
      tags: parts.tags ?? {},
      untag: parts.untag ?? [],
      ...(parts.parts === undefined ? {} : { parts: parts.parts }),
      ...(parts.knows === undefined ? {} : { knows: parts.knows.map((one) => digestOf(one)) }),
      ...(isRemoving(parts.present ?? {}) ? { endsRemoval: true } : {}),
      ...(parts.claim === undefined ? {} : { claim: parts.claim }),
    },
  });
}

/** How many tags of a record there are, once this one is written too. */
export function recordTags(
  target: Target,
  record: object,
  present: Readonly<Record<string, string>>,
): number {
  const there = Object.keys(present).filter((key) => key.startsWith(TAG.state));
  return Math.max(there.length, refuseLongRecord(target, record));
}

/** How many tags the record takes. */
export function refuseLongRecord(target: Target, record: object): number {
  // An address that is not known yet is a short one.
  const text = { ...EMPTY_RECORD, ...record, url: 'x'.repeat(128) };
  const tags = encodeRecord(text);
  if (tags) return Object.keys(tags).length;
  throw refusal(
    target.ref,
    'QUOTA_EXCEEDED',
    `"${target.ref.name}" has more events than the function's tags can hold (about 9 KB, packed). Move some of them to another function.`,
  );
}

function byId(a: Binding, b: Binding): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
