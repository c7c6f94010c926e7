/** What several targets at once add to the public face. */

/** What came of one operation on every target. The result itself is that of the first target, with the warnings of all. */
export type Targeted<Result> = Result & {
  /** By target; absent with a single one. */
  readonly targets?: Readonly<Record<string, Result>>;
};
