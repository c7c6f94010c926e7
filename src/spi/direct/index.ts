export { createDirectClient, invokeBody, type DirectCall, type DirectClient } from './client.ts';
export { DirectCallError, DirectTimeoutError } from './errors.ts';
export { handlerErrors, processEnded, type FailedFunction } from './failure.ts';
export { functionIdOf, KeptFunctions } from './kept-functions.ts';
export { signedCall, type DirectEndpoint, type SignedCallOptions } from './signed-call.ts';
