/** The record of a function, as it is written in the course of a plan. */
import { jsonObject, type Binding, type FromRef, type Step } from 'polyfaas/spi';
import type { GcpObserved, Target } from '../model.ts';
import { REMOVING, type FunctionRecord, type VersionNote } from '../record.ts';
import { encodeRecord } from '../record-text.ts';
import { STEP, type RecordInput } from '../steps.ts';
import { secretStep } from './foundation.ts';
import { holding } from './held.ts';
import { BUILD, refusal, step } from './parts.ts';

const TITLES = {
  claim: 'Note what is about to be done',
  switched: 'Note what is live now',
  record: 'Note what is there now',
} as const;

/** Writes a record into the annotation of the settings secret. */
export function recordStep(
  target: Target,
  parts: Pick<RecordInput, 'expected'> & {
    readonly record: RecordWish;
    readonly id: keyof typeof TITLES;
    readonly phase: Step['phase'];
  },
): Step {
  refuseLongRecord(target, parts.record);
  const input: RecordInput = {
    secret: target.settingsSecret,
    record: jsonObject(parts.record),
    expected: parts.expected,
  };
  return step(target, {
    id: parts.id,
    kind: STEP.record,
    phase: parts.phase,
    title: TITLES[parts.id],
    input,
  });
}

/** What is about to go is still in it, so that a later plan finds it. */
export function pendingBindings(
  record: Pick<FunctionRecord, 'bindings' | 'pending'>,
  bindings: readonly Binding[],
  touched: readonly string[],
): Pick<FunctionRecord, 'bindings' | 'pending'> {
  const wished = new Set(bindings.map(({ id }) => id));
  const leaving = record.bindings.filter(({ id }) => !wished.has(id));
  return {
    bindings: [...bindings, ...leaving].toSorted(byId),
    pending: pendingIds(record, touched),
  };
}

export function pendingIds(
  { pending }: Pick<FunctionRecord, 'pending'>,
  touched: readonly string[],
): readonly string[] {
  return [...new Set([...pending, ...touched])].toSorted();
}

/** What is done between two writes of the record: whoever wrote the first is the one who goes on. */
export function betweenRecords(
  target: Target,
  { secret, isStranger }: Pick<GcpObserved, 'secret' | 'isStranger'>,
  parts: {
    readonly checks: readonly Step[];
    readonly claim: RecordWish & { readonly next: string };
    readonly work: readonly Step[];
    readonly final: RecordWish;
  },
): readonly Step[] {
  const { checks, claim, work, final } = parts;
  const expected = expectedOf(secret);
  if (work.length === 0) {
    return [recordStep(target, { id: 'record', phase: 'retire', record: final, expected })];
  }
  return [
    // What cannot be bound is refused before anything is written.
    ...checks,
    ...(expected === null ? [secretStep(target, isStranger)] : []),
    recordStep(target, { id: 'claim', phase: 'prepare', record: claim, expected }),
    ...holding(target, claim.next, [
      ...work,
      recordStep(target, {
        id: 'record',
        phase: 'retire',
        record: final,
        expected: { next: claim.next },
      }),
    ]),
  ];
}

/** What must be true before the first write of a plan. Null: the secret is made, or taken over, by the plan itself. */
function expectedOf(secret: GcpObserved['secret']): RecordInput['expected'] {
  return secret?.isOwn === true ? { etag: secret.etag } : null;
}

/** A note of a version that is built in the course of the plan. */
export interface BuiltNote extends Omit<VersionNote, 'revision' | 'createdAt'> {
  readonly revision: FromRef;
  readonly createdAt: FromRef;
}

/** A record, before all of it is known. */
export interface RecordWish extends Omit<FunctionRecord, 'versions'> {
  readonly versions: readonly (VersionNote | BuiltNote)[];
}

export function builtNote(note: VersionNote): BuiltNote {
  return {
    ...note,
    revision: { $from: `${BUILD}.revision` },
    createdAt: { $from: `${BUILD}.createdAt` },
  };
}

/** What is known only later, the name of a revision and its time, is longer than what stands for it. */
const RESERVED = 200;

/** Refuses what the annotation could not hold. */
function refuseLongRecord({ ref }: Pick<Target, 'ref'>, record: RecordWish): void {
  if (record.next === REMOVING || encodeRecord(record, RESERVED) !== undefined) return;
  throw refusal(
    ref,
    'QUOTA_EXCEEDED',
    `"${ref.name}" has more events than the annotation of its settings secret can hold (16 KiB, packed). Move some of them to another function.`,
  );
}

function byId(a: Binding, b: Binding): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
