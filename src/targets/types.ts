/** What several targets at once add to the public face. */

/**
 * What came of one operation on every target. The result itself is that of the first target, with the warnings of all;
 * `changed` and `removed` are true when they are so for any of them.
 */
export type Targeted<Result> = Result & {
  /** By target; absent with a single one. */
  readonly targets?: Readonly<Record<string, Result>>;
};
