/** The embedded database and the lock of the state folder. */
export { openStore } from './open-store.ts';
export { classifyStoreError } from './store-errors.ts';
