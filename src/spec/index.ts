/**
 * What users declare. Light: the schema (`validate.ts`, which loads zod and croner) and the normal form
 * (`normalize.ts`) are imported on their own, when there is something to check.
 */
export type * from './types.ts';
export { secret } from './secret.ts';
