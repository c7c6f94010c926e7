import type { NativeToken } from './provider.ts';

/** Makes a typed token for a provider's own client. Two tokens of the same name are the same. */
export function nativeToken<T>(name: string): NativeToken<T> {
  return { key: Symbol.for(`polyfaas.native.${name}`) };
}

/** What a provider's `native` answers: the value, when the token is the one it was made for. */
export function nativeFor<Own, T>(
  token: NativeToken<T>,
  own: NativeToken<Own>,
  value: Own,
): T | undefined {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- equal keys mean equal types
  return token.key === own.key ? (value as unknown as T) : undefined;
}
