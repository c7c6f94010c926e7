/** Reads the wire format of protocol buffers ("Encoding"): fields by number, nothing else. */

export type Field =
  | { readonly number: number; readonly wire: 0; readonly value: bigint }
  | { readonly number: number; readonly wire: 1; readonly value: Uint8Array }
  | { readonly number: number; readonly wire: 2; readonly value: Uint8Array }
  | { readonly number: number; readonly wire: 5; readonly value: Uint8Array };

/** The fields of a message, in the order in which they were written. @throws RangeError for what is cut, or no message. */
export function* fieldsIn(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at];
      if (byte === undefined) break;
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new RangeError('A number in the message has no end.');
  };
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) throw new RangeError('The message is cut.');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const number = tag >>> 3;
    const wire = tag & 7;
    if (wire === 0) yield { number, wire, value: varint() };
    else if (wire === 1) yield { number, wire, value: take(8) };
    else if (wire === 2) yield { number, wire, value: take(Number(varint())) };
    else if (wire === 5) yield { number, wire, value: take(4) };
    else throw new RangeError(`The message has a field of the unknown wire type ${wire}.`);
  }
}

export function textIn(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

export function doubleIn(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getFloat64(0, true);
}
