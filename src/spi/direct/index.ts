export {
  createDirectClient,
  DIRECT_GRACE_MS,
  invokeBody,
  type DirectCall,
  type DirectClient,
} from './client.ts';
export { doorsTo, isStaleCall, sendThrough, type DirectDoors } from './doors.ts';
export { DirectCallError, DirectTimeoutError } from './errors.ts';
export { handlerErrors, processEnded, type FailedFunction } from './failure.ts';
export { functionIdOf, KeptFunctions } from './kept-functions.ts';
export { acceptedResult, answeredResult } from './results.ts';
export { signedCall, type DirectEndpoint, type SignedCallOptions } from './signed-call.ts';
export { traceIdOf } from './trace-id.ts';
export { WARM_HOLD_MS, warmThrough, type WarmedInstances } from './warm.ts';
