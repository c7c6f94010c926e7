export {
  createDirectClient,
  DirectCallError,
  DirectTimeoutError,
  invokeBody,
  signedCall,
  type DirectCall,
  type DirectClient,
  type DirectEndpoint,
  type SignedCallOptions,
} from './client.ts';
