/** The inline policies of a function's role. */
export const POLICY = {
  /** What the function itself needs. */
  run: 'polyfaas-run',
  /** What its events need. */
  events: 'polyfaas-events',
} as const;
