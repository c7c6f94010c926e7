/** Metrics that cannot be read for a moment: CloudWatch answers 200, and says so beside each of them. */

export interface Trouble {
  readonly statusCode: 'InternalError' | 'Forbidden' | 'PartialData';
  readonly message?: { readonly Code: string; readonly Value: string };
  /** The values follow on another page. */
  readonly hasMore?: boolean;
}

/** By the name of the metric: what the next `GetMetricData` that reads it says of it, instead of its values. */
export type Troubles = Map<string, Trouble>;
