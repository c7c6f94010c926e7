/** Direct calls over HTTP, signed: what both sides of them share, and the side inside the platform. */
export type { DirectAnswer, DirectBody, DirectHead } from './envelope.ts';
export { formatDirectKeys, parseDirectKeys, type DirectKey } from './keys.ts';
export {
  createDirectServer,
  type DirectReply,
  type DirectReport,
  type DirectServer,
  type DirectServerParts,
  type OpenedCall,
} from './server.ts';
export {
  DIRECT_HEADER,
  signatureOf,
  SIGNATURE_WINDOW_MS,
  signingKey,
  type SignedParts,
  type SigningKey,
} from './signature.ts';
export type { DirectRequest, Refusal } from './verifier.ts';
