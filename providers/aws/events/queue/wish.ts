/** What a queue is to be. */
export interface QueueWish {
  /** Plain name, ARN or address. */
  readonly queue: string;
  readonly create: boolean;
  readonly bindingId: string;
  /** The field of the binding that names it. */
  readonly field: 'queue' | 'deadLetter';
  /** Present when the function reads it. */
  readonly source?: {
    readonly timeoutSeconds: number;
    readonly visibilitySeconds: number;
    readonly redrive: RedrivePolicy | null;
  };
  /** The ARN of a rule that may send to it, where the queue is ours. */
  readonly sender?: string;
}

/** As SQS writes it in the attribute `RedrivePolicy`. */
export interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

const SHORTEST_VISIBILITY = 30;
/** SQS API reference, `SetQueueAttributes`: `VisibilityTimeout` 0 to 43,200. */
const LONGEST_VISIBILITY = 43_200;

/**
 * How long a queue of ours hides a message: six times the function's timeout and the batch window, as the Lambda
 * developer guide advises ("Creating and configuring an Amazon SQS event source mapping").
 */
export function visibilitySeconds(timeoutSeconds: number, windowSeconds: number): number {
  const wanted = Math.max(6 * timeoutSeconds + windowSeconds, SHORTEST_VISIBILITY);
  return Math.min(wanted, LONGEST_VISIBILITY);
}
