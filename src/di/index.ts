/** For programs that keep an Inversify container, and for authors of adapters. */
export { coreModule } from './core-module.ts';
export { createContainer, type ContainerOptions } from './create-container.ts';
export { TOKENS, type Tokens } from './tokens.ts';
