/** What taking a source away needs to know of each kind of source. */
import type { CallContext } from 'polyfaas/spi';
import type { AwsClients } from '../../clients/index.ts';
import type { Target } from '../../model.ts';
import type { Place } from '../arn.ts';
import type { Tags } from '../tags.ts';

/** One source, and the ways to it. */
export interface MadeScope {
  readonly aws: AwsClients;
  readonly target: Target;
  readonly place: Place;
  readonly name: string;
  /** The address of a queue, where it is known. */
  readonly url?: string;
  readonly call: CallContext;
}

/** `going`: it takes a while. `kept`: the service does not delete it as it is. */
export type Deletion = 'gone' | 'going' | 'kept';

export interface MadeKind {
  /** Undefined when it is gone. */
  tags(scope: MadeScope): Promise<Tags | undefined>;
  /** What else uses it: ARNs, of functions where it can be told. */
  users(scope: MadeScope): Promise<readonly string[]>;
  delete(scope: MadeScope): Promise<Deletion>;
  /** Sets tags beside those that are there. */
  retag(scope: MadeScope, set: Tags): Promise<void>;
  /** Takes our tags from what is kept, where it is the user's from then on. Absent: they stay. */
  disown?(scope: MadeScope): Promise<void>;
  /** Why it may be kept. */
  readonly keptBecause: string;
}
