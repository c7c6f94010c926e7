/** What stands behind a mapping and does its work. */
export interface Poller {
  /** A batch is under way, or about to be. */
  readonly isBusy: boolean;
  /** Something may be there, or may be done now that could not be done before. */
  wake(): void;
  stop(): void;
}
