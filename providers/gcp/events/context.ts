/** What the planners of all kinds share. */
import type { Binding, NormalEvent, Step } from 'polyfaas/spi';
import type { Target } from '../model.ts';
import type { FunctionRecord, MadeSource } from '../record.ts';
import type { GrantNeed } from './grants/need.ts';
import type { SourceContext, SourceRef } from './source.ts';

export interface PlanContext extends SourceContext {
  readonly target: Target;
  readonly record: Pick<FunctionRecord, 'made'>;
  readonly timeoutSeconds: number;
  /** See `BindingWish`. */
  readonly keptAccount: string | null;
}

/** A source that a binding uses: what it reads, or its dead-letter queue. JSON. */
export interface SourceUse {
  readonly source: SourceRef;
  /** The field of the binding that names it. */
  readonly field: string;
  readonly create: boolean;
  /** It is for dead letters: somebody must keep what is sent to it. */
  readonly keepsLetters: boolean;
  /** It is a queue, which has one consumer: this subscription. */
  readonly consumer: string | null;
}

/** All that one binding comes to. */
export interface BindingParts {
  readonly uses: readonly SourceUse[];
  /** What is made for it alone, beside grants. */
  readonly bound: readonly MadeSource[];
  /** A topic of its own, which is made in phase `prepare`. */
  readonly ownTopic: string | null;
  /** What the function's service account needs. */
  readonly ownGrants: readonly GrantNeed[];
  /** What Google's own service agents need on what is there before the function is. */
  readonly agentGrants: readonly GrantNeed[];
  /** Phase `bind`. */
  readonly after: readonly Step[];
  readonly source: string;
  readonly deadLetter: string | null;
  /** The topic that changes of a table are put into. */
  readonly relay: string | null;
  /** Google delivers to it, signed as the function's service account. */
  readonly isPushed: boolean;
}

export type EventOf<Kind extends NormalEvent['type']> = Extract<
  NormalEvent,
  { readonly type: Kind }
>;

/** @param policy the digest of the binding's policy, which its deliveries carry */
export type Planner<Kind extends NormalEvent['type']> = (
  context: PlanContext,
  bindingId: string,
  event: EventOf<Kind>,
  policy: string,
) => BindingParts;

export interface Planned {
  readonly binding: Binding;
  readonly parts: BindingParts;
  readonly policy: string;
}

export const NO_PARTS: Omit<BindingParts, 'source'> = {
  uses: [],
  bound: [],
  ownTopic: null,
  ownGrants: [],
  agentGrants: [],
  after: [],
  deadLetter: null,
  relay: null,
  isPushed: false,
};
