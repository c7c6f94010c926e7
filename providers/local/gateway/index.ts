export { type GatewayParts, createGateway } from './gateway.ts';
export { type ClientLimits, DEFAULT_CLIENT_LIMITS } from './listener.ts';
