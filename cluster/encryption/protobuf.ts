/** A field of a protobuf message: bytes for what has a length, else the number itself. */
export interface Field {
  number: number;
  value: Uint8Array | bigint;
}

/** The fields of a protobuf message, in their order; undefined when the bytes are none. Groups, which nobody writes any more, are not read. */
export function readFields(bytes: Uint8Array): Field[] | undefined {
  const fields: Field[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = readVarint(bytes, at);
    if (tag === undefined) return undefined;
    const read = readValue(bytes, { at: tag.next, type: Number(tag.value & 7n) });
    const number = Number(tag.value >> 3n);
    if (read === undefined || number === 0) return undefined;
    fields.push({ number, value: read.value });
    at = read.next;
  }
  return fields;
}

interface Read<T> {
  value: T;
  /** Where what follows begins. */
  next: number;
}

/** The types of protobuf's wire format. */
const [varint, fixed64, delimited, fixed32] = [0, 1, 2, 5];

function readValue(
  bytes: Uint8Array,
  { at, type }: { at: number; type: number },
): Read<Uint8Array | bigint> | undefined {
  switch (type) {
    case varint:
      return readVarint(bytes, at);
    case fixed64:
      return readBytes(bytes, { at, length: 8 });
    case fixed32:
      return readBytes(bytes, { at, length: 4 });
    case delimited: {
      const length = readVarint(bytes, at);
      return length && readBytes(bytes, { at: length.next, length: Number(length.value) });
    }
    default:
      return undefined;
  }
}

function readBytes(bytes: Uint8Array, { at, length }: { at: number; length: number }): Read<Uint8Array> | undefined {
  const next = at + length;
  return next > bytes.length ? undefined : { value: bytes.subarray(at, next), next };
}

/** Seven bits a byte, the lowest first; 64 bits have ten bytes at most. */
function readVarint(bytes: Uint8Array, at: number): Read<bigint> | undefined {
  let value = 0n;
  for (let index = 0; index < 10; index += 1) {
    const byte = bytes[at + index];
    if (byte === undefined) return undefined;
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) return { value, next: at + index + 1 };
  }
  return undefined;
}
