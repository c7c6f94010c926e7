/** Bindings, as part of a whole plan, and the marks in the record around their steps. */
import { digestOf, sameJson, type Binding, type JsonObject, type Step } from 'polyfaas/spi';
import { planEvents } from '../events/plan.ts';
import type { BindingPlan, BindingWish } from '../events/types.ts';
import type { Target } from '../model.ts';
import type { FunctionRecord, VersionNote } from '../record.ts';
import { MAX_TAGS, encodeRecord } from '../tags.ts';
import { refusal, step } from './parts.ts';

const TITLES = {
  note: 'Note what is about to be made',
  pending: 'Note what is about to change',
  record: 'Note what is there now',
} as const;

export interface BoundPlan extends BindingPlan {
  /** The digest of the settings, whether or not the identity is known yet. */
  readonly stableDigest: string;
}

export function planBound(wish: BindingWish): BoundPlan {
  // What only Azure tells of the identity is no change of the settings.
  const target: Target = { ...wish.target, principalId: '', clientId: '' };
  // The checks come before the steps that would tell it.
  const { settingsDigest, checks } = planEvents({ ...wish, target });
  return { ...planEvents(wish), checks, stableDigest: settingsDigest };
}

/** The record while the steps run: what is about to go is still in it, so that a later plan finds it. */
export function pendingRecord(
  record: FunctionRecord,
  bound: BindingPlan,
  bindings: readonly Binding[],
  parts: {
    /** Who goes on, when two work at once: whoever wrote this last. */
    readonly next: string;
    readonly republishes: boolean;
    readonly settings: string;
  },
): FunctionRecord {
  const wished = new Set(bindings.map(({ id }) => id));
  const leaving = record.bindings.filter(({ id }) => !wished.has(id));
  return {
    live: record.live,
    packageDigest: parts.republishes ? null : record.packageDigest,
    next: parts.next,
    turn: record.turn + 1,
    lastPackage: lastPackage(record),
    settingsKey: record.settingsKey,
    bindings: [...bindings, ...leaving].toSorted(byId),
    pending: [...new Set([...record.pending, ...bound.touched])].toSorted(),
    made: bound.made,
    settings: parts.settings,
  };
}

/** The mark of an operation: two that are about to do the same are told apart by it. */
export function markOf({ turn }: FunctionRecord, digest: string): string {
  return `${digest}-${turn + 1}`;
}

/** What is to be published again when a new package does not start. */
export function lastPackage({ packageDigest, lastPackage: before }: FunctionRecord): string | null {
  return packageDigest ?? before;
}

/** More than there ever are. */
export const ALL_VERSIONS = 1_000_000;

/**
 * How many versions keep their variables. When a switch was broken off, the version that is served may be one that no
 * note speaks of: then none loses them.
 */
export function keptVersions(
  { live, packageDigest }: Pick<FunctionRecord, 'live' | 'packageDigest'>,
  keepVersions: number,
): number {
  return live !== null && packageDigest === null ? ALL_VERSIONS : keepVersions;
}

/**
 * The record when all is done; the time of a new version is known only then.
 *
 * @param marked as it was marked before.
 */
export function finalRecord(
  { turn }: FunctionRecord,
  bound: BindingPlan,
  bindings: readonly Binding[],
  parts: {
    readonly live: VersionNote | JsonObject | null;
    readonly packageDigest: string | null;
    readonly lastPackage: string | null;
    readonly settingsKey: string;
    readonly settings: string;
  },
): JsonObject {
  return {
    live: parts.live === null ? null : { ...parts.live },
    packageDigest: parts.packageDigest,
    next: null,
    turn,
    lastPackage: parts.lastPackage,
    settingsKey: parts.settingsKey,
    bindings: bindings.map((binding) => ({ ...jsonOf(binding) })),
    pending: [],
    made: bound.kept.map((one) => ({ ...one })),
    settings: parts.settings,
  };
}

function jsonOf(binding: Binding): JsonObject {
  const copy: JsonObject = JSON.parse(JSON.stringify(binding));
  return copy;
}

/**
 * Notes what is about to be made or changed, before it is: what a crash leaves in the accounts of others is then found
 * again, and so is what it leaves of the function app itself. The bindings stay as they are until the switch.
 *
 * @param settings what is known of the settings from now on.
 */
export function noteSteps(
  target: Target,
  record: FunctionRecord,
  { made, touched }: Pick<BindingPlan, 'made' | 'touched'>,
  settings: string = record.settings,
): readonly Step[] {
  if (sameJson([...made], [...record.made]) && settings === record.settings) return [];
  const noted = notedRecord(record, { made, touched }, settings);
  return [recordStep(target, { id: 'note', phase: 'prepare', record: noted, knows: [record] })];
}

/** The record once that is noted. */
function notedRecord(
  record: FunctionRecord,
  { made, touched }: Pick<BindingPlan, 'made' | 'touched'>,
  settings: string = record.settings,
): object {
  const pending = [...new Set([...record.pending, ...touched])].toSorted();
  return { ...record, made, pending, settings };
}

/**
 * Marks the record before the switch: whoever marks it last goes on.
 *
 * @param before what the record was when this operation looked. Undefined: nothing is compared.
 */
export function markStep(
  target: Target,
  marked: FunctionRecord,
  before:
    | { readonly record: FunctionRecord; readonly bound: Pick<BindingPlan, 'made' | 'touched'> }
    | undefined,
): Step {
  const mark = { id: 'pending', phase: 'switch', record: marked } as const;
  if (before === undefined) return recordStep(target, mark);
  const { record, bound } = before;
  return recordStep(target, { ...mark, knows: beforeMark(record, bound, marked.settings) });
}

/** The records that may be there until the mark is set. */
export function beforeMark(
  record: FunctionRecord,
  bound: Pick<BindingPlan, 'made' | 'touched'>,
  settings: string,
): readonly object[] {
  return [record, notedRecord(record, bound, settings), notedRecord(record, bound)];
}

/** Writes a record into the tags of the function app, which restarts nothing. */
export function recordStep(
  target: Target,
  parts: {
    readonly id: 'note' | 'pending' | 'record';
    readonly record: object;
    readonly phase: Step['phase'];
    /** Somebody else's mark means that somebody else goes on: CONFLICT. Null: nothing is looked at. */
    readonly expected?: string | null;
    /** Those that may be there by now, of this operation or from before it. Another one is somebody else's: CONFLICT. */
    readonly knows?: readonly object[];
    readonly tags?: Readonly<Record<string, string>>;
    readonly untag?: readonly string[];
  },
): Step {
  return step(target, {
    id: parts.id,
    kind: 'write-record',
    phase: parts.phase,
    title: TITLES[parts.id],
    input: {
      record: parts.record,
      expected: parts.expected ?? null,
      ...(parts.knows === undefined
        ? {}
        : { knows: [...new Set(parts.knows.map((one) => digestOf(one)))] }),
      tags: parts.tags ?? {},
      untag: parts.untag ?? [],
    },
  });
}

/** @param others names of tags beside those of the record */
export function fitsTags(record: object, others: readonly string[]): boolean {
  const tags = encodeRecord(record);
  return tags !== undefined && new Set([...Object.keys(tags), ...others]).size <= MAX_TAGS;
}

/** Refuses what the tags could not hold. */
export function refuseLongRecord(target: Target, record: object, others: readonly string[]): void {
  const tags = encodeRecord(record);
  if (!tags) {
    throw refusal(
      target.ref,
      'QUOTA_EXCEEDED',
      `"${target.ref.name}" has more events than the function app's tags can hold (about 9 KB, packed). Move some of them to another function.`,
    );
  }
  const names = new Set([...Object.keys(tags), ...others]);
  if (names.size <= MAX_TAGS) return;
  throw refusal(
    target.ref,
    'QUOTA_EXCEEDED',
    `functions.${target.ref.name}.tags: ${names.size} tags, with those that hold the events; Azure takes ${MAX_TAGS}. Declare fewer tags, or move some events to another function.`,
  );
}

function byId(a: Binding, b: Binding): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
