import type { NativeToken } from './provider.ts';

/** Makes a typed token for a provider's own client. Two tokens of the same name are the same. */
export function nativeToken<T>(name: string): NativeToken<T> {
  return { key: Symbol.for(`polyfaas.native.${name}`) };
}
