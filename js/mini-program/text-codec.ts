// UTF-8 where a runtime has no TextEncoder and no TextDecoder. The build gives these to the glue under
// those names; nothing is put on a global object.

const REPLACEMENT = 0xfffd;
/** Code units that are joined to a text at once: more arguments overflow some stacks. */
const JOINED_MAX = 4096;

const isHigh = (unit: number): boolean => (unit & 0xfc00) === 0xd800;
const isLow = (unit: number): boolean => (unit & 0xfc00) === 0xdc00;

/** The code point at `at`; half of a pair alone is not one. */
function pointAt(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  if (!isHigh(unit) && !isLow(unit)) return unit;
  const next = text.charCodeAt(at + 1);
  return isHigh(unit) && isLow(next) ? 0x10000 + ((unit & 0x3ff) << 10) + (next & 0x3ff) : REPLACEMENT;
}

const bytesOf = (point: number): number => (point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4);

export class TextEncoder {
  encode(text = ""): Uint8Array {
    let length = 0;
    for (let at = 0; at < text.length; at += 1) {
      const point = pointAt(text, at);
      if (point >= 0x10000) at += 1;
      length += bytesOf(point);
    }
    const bytes = new Uint8Array(length);
    this.encodeInto(text, bytes);
    return bytes;
  }

  encodeInto(text: string, into: Uint8Array): { read: number; written: number } {
    let written = 0;
    let read = 0;
    while (read < text.length) {
      const point = pointAt(text, read);
      const count = bytesOf(point);
      if (written + count > into.length) break;
      if (count === 1) into[written] = point;
      else {
        const lead = (0xf00 >> count) & 0xff;
        into[written] = lead | (point >> (6 * (count - 1)));
        for (let rest = 1; rest < count; rest += 1) {
          into[written + rest] = 0x80 | ((point >> (6 * (count - 1 - rest))) & 0x3f);
        }
      }
      written += count;
      read += count === 4 ? 2 : 1;
    }
    return { read, written };
  }
}

/** As `new TextDecoder("utf-8", {ignoreBOM: true})`: what is no UTF-8 becomes U+FFFD. */
export class TextDecoder {
  decode(bytes: Uint8Array = new Uint8Array(0)): string {
    let text = "";
    let units: number[] = [];
    const put = (unit: number): void => {
      units.push(unit);
      if (units.length < JOINED_MAX) return;
      text += String.fromCharCode(...units);
      units = [];
    };
    let at = 0;
    while (at < bytes.length) {
      const [point, count] = decodeAt(bytes, at);
      at += count;
      if (point < 0x10000) put(point);
      else {
        put(0xd800 | ((point - 0x10000) >> 10));
        put(0xdc00 | ((point - 0x10000) & 0x3ff));
      }
    }
    return text + String.fromCharCode(...units);
  }
}

/** The code point at `at`, and how many bytes it takes; of what is none, the longest start of one. */
function decodeAt(bytes: Uint8Array, at: number): [point: number, count: number] {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return [lead, 1];
  const count = lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
  if (count === 0) return [REPLACEMENT, 1];
  let point = lead & (0x7f >> count);
  // The second byte rules out what is too long, the halves of pairs, and what is beyond U+10FFFF.
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  for (let rest = 1; rest < count; rest += 1) {
    const byte = bytes[at + rest] ?? 0;
    const fits = rest === 1 ? byte >= low && byte <= high : (byte & 0xc0) === 0x80;
    if (!fits) return [REPLACEMENT, rest];
    point = (point << 6) | (byte & 0x3f);
  }
  return [point, count];
}
