/** What runs inside the platform. Bundled into every artifact, so: tiny, and without dependencies. */
export * from './json.types.ts';
export * from './events.ts';
export * from './context.ts';
export * from './define-function.ts';
export * from './shim.ts';
