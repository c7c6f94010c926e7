/** Takes away what is needed no more. Pure. */
import type { Step } from 'polyfaas/spi';
import type { Target } from '../../model.ts';
import type { MadeSource } from '../../record.ts';
import type { Claim } from '../../steps.ts';
import type { PlanContext, Planned } from '../context.ts';
import { parseGrantKey } from '../grants/need.ts';
import { planOne } from '../kinds.ts';
import { shortName } from '../names.ts';
import { createdSources, deadLetterOf, sourceOf } from '../source.ts';
import { EVENT_STEP, eventStep, type Where } from '../steps.ts';
import type { BindingWish } from '../types.ts';
import type { DeleteSourcesInput } from './delete-sources.ts';
import { boundBy, isBound, merge, ownOf, WORDS } from './list.ts';

/** What delivers goes before what it delivers to. */
const ORDER: readonly MadeSource['kind'][] = [
  'trigger',
  'notification',
  'job',
  'subscription',
  'ownTopic',
];

/** The steps that delete what belonged to bindings, and take back what the service account was granted for them. */
export function planRetirement(
  { target }: Pick<PlanContext, 'target'>,
  retired: readonly MadeSource[],
  {
    prefix = 'events',
    claim,
  }: { readonly prefix?: string; readonly claim?: Claim | undefined } = {},
): readonly Step[] {
  const ordered = ORDER.flatMap((kind) => retired.filter((one) => one.kind === kind));
  return [
    ...ordered.map((made, index) =>
      eventStep(target, {
        id: `${prefix}-retire-${index}`,
        kind: EVENT_STEP.deleteBound,
        title: `Delete the ${WORDS[made.kind]} "${titleOf(made)}"`,
        phase: 'retire',
        input: { made, ...(claim === undefined ? {} : { claim }) },
        locks: [made.kind === 'notification' ? (made.id.split('#')[0] ?? '') : made.id],
      }),
    ),
    ...planRevocation(target, retired, prefix),
  ];
}

/** The last part of the name; a trigger's has its database beside it, and a notification's its topic. */
function titleOf({ kind, id }: MadeSource): string {
  return shortName(kind === 'trigger' ? (id.split('#')[0] ?? id) : id);
}

function planRevocation(
  target: Target,
  retired: readonly MadeSource[],
  prefix: string,
): readonly Step[] {
  const keys = new Set(retired.flatMap((one) => (isThing(one) ? [] : [one.id])));
  const grants = [...keys].flatMap((key) => parseGrantKey(key) ?? []);
  if (grants.length === 0) return [];
  return [
    eventStep(target, {
      id: `${prefix}-revoke`,
      kind: EVENT_STEP.revoke,
      title: 'Take back what the function needs no more',
      phase: 'retire',
      input: { grants },
      locks: [...new Set(grants.map(({ resource }) => `policy:${resource}`))].toSorted(),
    }),
  ];
}

/**
 * What takes away all that the bindings of a function needed, its asynchronous invocations among them, and then the sources
 * that were made for it. It belongs before the deletion of the service account and of the settings secret.
 */
export function planEventRemoval(
  wish: Pick<BindingWish, 'target' | 'platform' | 'record'> & {
    /** Another one works as the service account, so that it keeps what it was granted. */
    readonly sharesAccount?: boolean;
    readonly claim?: Claim;
    /** What deletes the function: after what calls it, and before what it read. */
    readonly between?: readonly Step[];
  },
): readonly Step[] {
  const { target, platform, record, sharesAccount = false, claim, between = [] } = wish;
  const context: PlanContext = {
    target,
    projectId: target.projectId,
    database: platform.firestoreDatabase,
    record,
    timeoutSeconds: 0,
    keptAccount: null,
  };
  const all = merge(
    record.made,
    ownOf(target),
    record.bindings.flatMap((binding) => [
      ...createdSources(context, binding),
      ...boundOf(context, binding),
    ]),
  );
  const bound = all.filter(isBound);
  return [
    ...planRetirement(context, bound.filter(isThing), { claim }),
    ...between,
    // So late that they are there by then, should a deploy make them at the moment that has lost its claim.
    ...planSourceRemoval(context, record.bindings, { all, claim }),
    // What is gone needs no taking back.
    ...planRetirement(
      context,
      bound.filter((one) => !isThing(one) && !sharesAccount),
    ),
  ];
}

/** Takes away what an operation made that was overtaken, and that no record knows. */
export function planUndoing(where: Where, unknown: readonly MadeSource[]): readonly Step[] {
  const target = { ...where, url: '' };
  return [
    ...planRetirement({ target }, unknown.filter(isBound), { prefix: 'overtaken' }),
    // Tables are never made, so that their database does not matter.
    ...sourceRemoval(target, { sources: unknown.filter((one) => !isBound(one)), database: '' }),
  ];
}

function isThing({ kind }: MadeSource): boolean {
  return kind !== 'grant' && kind !== 'destination' && kind !== 'secret';
}

/** A stream in a record is none of this adapter's. */
function boundOf(context: PlanContext, binding: Planned['binding']): readonly MadeSource[] {
  return binding.event.type === 'stream' ? [] : boundBy(context, planOne(context, binding));
}

function planSourceRemoval(
  context: PlanContext,
  bindings: BindingWish['bindings'],
  { all, claim }: { readonly all: readonly MadeSource[]; readonly claim: Claim | undefined },
): readonly Step[] {
  const { target } = context;
  const idsOf = (find: typeof deadLetterOf): ReadonlySet<string> =>
    new Set(bindings.map(({ event }) => find(context, event)?.id ?? ''));
  const dead = idsOf(deadLetterOf);
  const read = idsOf(sourceOf);
  const isDead = ({ id }: MadeSource): boolean => dead.has(id) && !read.has(id);
  const found = all.filter((one) => !isBound(one));
  return sourceRemoval(target, {
    sources: [...found.filter((one) => !isDead(one)), ...found.filter(isDead)],
    database: context.database,
    ...(claim === undefined ? {} : { claim }),
  });
}

function sourceRemoval(target: Target, input: DeleteSourcesInput): readonly Step[] {
  const { sources } = input;
  if (sources.length === 0) return [];
  const names = sources.map(({ kind, id }) => `the ${WORDS[kind]} "${shortName(id)}"`);
  return [
    eventStep(target, {
      id: 'sources-delete',
      kind: EVENT_STEP.deleteSources,
      title: `Delete ${names.join(', ')}`,
      phase: 'retire',
      input,
      locks: [...new Set(sources.map(({ id }) => id))].toSorted(),
    }),
  ];
}
