/** The record of a function, as it is written in the course of a plan. */
import { digestOf, jsonObject, type FromRef, type Step } from 'polyfaas/spi';
import { topicIds } from '../events/policies.ts';
import type { Target, VercelObserved } from '../model.ts';
import type { FunctionRecord, VersionNote } from '../record.ts';
import { encodeRecord } from '../record-text.ts';
import { STEP, type ProjectInput, type RecordInput } from '../steps.ts';
import { PROJECT, projectIdOf, refusal, step, type Pending } from './parts.ts';

const TITLES = {
  claim: 'Note what is about to be done',
  noted: 'Note what is about to go live',
  record: 'Note what is there now',
} as const;

/** A note of a version, before all of it is known. */
export interface PendingNote extends Omit<VersionNote, 'deployment' | 'createdAt'> {
  readonly deployment: {
    readonly id: string | FromRef;
    readonly host: string | FromRef;
    readonly digest: string;
  } | null;
  readonly createdAt: string | FromRef | null;
}

/** A record, before all of it is known. */
export interface RecordWish extends Omit<FunctionRecord, 'versions'> {
  readonly versions: readonly PendingNote[];
}

export function recordStep(
  target: Target,
  parts: Pick<RecordInput, 'expected'> & {
    readonly record: RecordWish;
    /** Of the bindings that are there in the end. */
    readonly topics: readonly string[];
    readonly id: keyof typeof TITLES;
    readonly phase: Step['phase'];
    readonly deploys?: boolean;
  },
): Step {
  const { record, topics, expected, deploys = false } = parts;
  refuseLongRecord(target, record);
  const input: Pending<RecordInput> = {
    projectId: projectIdOf(target),
    record: jsonObject(record),
    topics,
    expected,
    ...(deploys ? { deploys } : {}),
  };
  return step(target, {
    id: parts.id,
    kind: STEP.record,
    phase: parts.phase,
    title: TITLES[parts.id],
    input,
  });
}

/** What is done between two writes of the record: whoever wrote the first is the one who goes on. */
export function betweenRecords(
  target: Target,
  observed: Pick<VercelObserved, 'isStranger' | 'kept'>,
  parts: {
    readonly checks: readonly Step[];
    readonly claim: RecordWish & { readonly next: string };
    readonly work: readonly Step[];
    readonly final: RecordWish;
  },
): readonly Step[] {
  const { checks, claim, work, final } = parts;
  const topics = topicIds(final.bindings);
  const number =
    target.projectId === null || observed.isStranger ? undefined : observed.kept?.number;
  if (work.length === 0 && number !== undefined) {
    const expected = { number };
    return [recordStep(target, { id: 'record', phase: 'retire', record: final, topics, expected })];
  }
  return [
    // What cannot be deployed is refused before anything is written.
    ...checks,
    number === undefined
      ? projectStep(target, { record: claim, topics, adopt: observed.isStranger })
      : recordStep(target, {
          id: 'claim',
          phase: 'prepare',
          record: claim,
          topics,
          expected: { number },
          deploys: work.some(({ kind }) => kind === STEP.deployment),
        }),
    ...work,
    recordStep(target, {
      id: 'record',
      phase: 'retire',
      record: final,
      topics,
      expected: { next: claim.next },
    }),
  ];
}

function projectStep(
  target: Target,
  parts: {
    readonly record: RecordWish;
    readonly topics: readonly string[];
    readonly adopt: boolean;
  },
): Step {
  const { physicalName: name, projectId } = target;
  const { record, topics, adopt } = parts;
  const input: ProjectInput = { name, projectId, record: jsonObject(record), topics, adopt };
  return step(target, {
    id: PROJECT,
    kind: STEP.project,
    phase: 'prepare',
    title: projectId === null ? `Make the project "${name}"` : `Take over the project "${name}"`,
    input,
  });
}

/** What is known only later (an id, a host, a time) is longer than what stands for it, and packs badly. */
const RESERVED = ['id', 'host', 'time'].map(digestOf).join('');

/** A variable can hold it. */
export function fitsVariable(record: RecordWish): boolean {
  return encodeRecord({ ...record, reserved: RESERVED }) !== undefined;
}

function refuseLongRecord({ ref }: Pick<Target, 'ref'>, record: RecordWish): void {
  if (fitsVariable(record)) return;
  throw refusal(
    ref,
    'QUOTA_EXCEEDED',
    `"${ref.name}" has more events, or versions, than the variable of its record can hold (an environment variable of its project). Move some of its events to another function, or keep fewer versions (keepVersions).`,
  );
}
