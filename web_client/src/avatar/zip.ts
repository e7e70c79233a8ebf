import { AvatarError } from './avatar';
import { MOST_BYTES, MOST_FILES, type PlacedFile } from './files';

// Signatures and layouts: PKWARE's APPNOTE.TXT, sections 4.3.7, 4.3.12, 4.3.16 and 4.4; numbers are little-endian.
const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const LOCAL_SIZE = 30;
const CENTRAL_SIZE = 46;
const END_SIZE = 22;
/** The end record is followed by a comment of at most this many bytes. */
const LONGEST_COMMENT = 0xffff;
const ENCRYPTED = 1;
const NAME_IS_UTF8 = 1 << 11;
/** Info-ZIP's extra field with the name in UTF-8. */
const UNICODE_PATH = 0x7075;
const STORED = 0;
const DEFLATED = 8;

interface Entry {
  path: string;
  flags: number;
  method: number;
  packed: number;
  size: number;
  at: number;
}

export function isZip(start: ArrayBuffer): boolean {
  if (start.byteLength < 4) return false;
  const word = new DataView(start).getUint32(0, true);
  return word === LOCAL || word === END;
}

/**
 * The files in a zip. Nothing is unpacked before it is asked for, and none to more than the zip's own list says.
 *
 * @throws AvatarError when it is cut short, damaged, locked, or would unpack to more than any avatar needs
 */
export async function unzip(zip: Blob): Promise<PlacedFile[]> {
  const entries = (await readEntries(zip)).filter((entry) => !entry.path.endsWith('/'));
  const total = entries.reduce((sum, entry) => sum + entry.size, 0);
  if (total > MOST_BYTES) throw new AvatarError('would unpack to more than any avatar needs');
  if (entries.some((entry) => entry.flags & ENCRYPTED)) throw new AvatarError('is locked with a password: unpack it first');
  return entries.map((entry) => ({ path: entry.path, read: () => unpack(zip, entry) }));
}

async function readEntries(zip: Blob): Promise<Entry[]> {
  const from = Math.max(0, zip.size - END_SIZE - LONGEST_COMMENT);
  const tail = new DataView(await zip.slice(from).arrayBuffer());
  let end = tail.byteLength - END_SIZE;
  while (end >= 0 && tail.getUint32(end, true) !== END) end -= 1;
  if (end < 0) throw new AvatarError('is a zip that is cut short: copy or download it again');
  const count = tail.getUint16(end + 10, true);
  const size = tail.getUint32(end + 12, true);
  const start = tail.getUint32(end + 16, true);
  // 0xffff stands for "see the 64-bit record", which no zip below its limits has.
  if (count > MOST_FILES) throw new AvatarError(`holds ${count} files: too many for an avatar`);
  if (start + size > zip.size) throw new AvatarError('is a damaged zip: its list of files is missing');
  return listEntries(new DataView(await zip.slice(start, start + size).arrayBuffer()), count);
}

function listEntries(list: DataView, count: number): Entry[] {
  const entries: Entry[] = [];
  for (let at = 0, i = 0; i < count; i++) {
    if (at + CENTRAL_SIZE > list.byteLength || list.getUint32(at, true) !== CENTRAL) {
      throw new AvatarError('is a damaged zip: its list of files cannot be read');
    }
    const flags = list.getUint16(at + 8, true);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((place) => list.getUint16(at + place, true)) as [number, number, number];
    const name = bytesOf(list, at + CENTRAL_SIZE, nameLength);
    const extra = bytesOf(list, at + CENTRAL_SIZE + nameLength, extraLength);
    entries.push({
      path: (flags & NAME_IS_UTF8 ? new TextDecoder().decode(name) : (unicodePath(extra) ?? decodeName(name))),
      flags,
      method: list.getUint16(at + 10, true),
      packed: list.getUint32(at + 20, true),
      size: list.getUint32(at + 24, true),
      at: list.getUint32(at + 42, true),
    });
    at += CENTRAL_SIZE + nameLength + extraLength + commentLength;
  }
  return entries;
}

function bytesOf(view: DataView, at: number, length: number): Uint8Array {
  if (at + length > view.byteLength) throw new AvatarError('is a damaged zip: its list of files cannot be read');
  return new Uint8Array(view.buffer, view.byteOffset + at, length);
}

/** A name without a word about its encoding: UTF-8 (macOS) when it can be, else what Japanese Windows writes. */
function decodeName(name: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(name);
  } catch {
    return new TextDecoder('shift_jis').decode(name);
  }
}

function unicodePath(extra: Uint8Array): string | null {
  const view = new DataView(extra.buffer, extra.byteOffset, extra.byteLength);
  for (let at = 0; at + 4 <= extra.length; ) {
    const length = view.getUint16(at + 2, true);
    // One byte of version and four of a checksum stand before the name.
    if (view.getUint16(at, true) === UNICODE_PATH && length > 5 && at + 4 + length <= extra.length) {
      return new TextDecoder().decode(extra.subarray(at + 9, at + 4 + length));
    }
    at += 4 + length;
  }
  return null;
}

async function unpack(zip: Blob, entry: Entry): Promise<ArrayBuffer> {
  const header = new DataView(await zip.slice(entry.at, entry.at + LOCAL_SIZE).arrayBuffer());
  if (header.byteLength < LOCAL_SIZE || header.getUint32(0, true) !== LOCAL) throw damaged(entry);
  const start = entry.at + LOCAL_SIZE + header.getUint16(26, true) + header.getUint16(28, true);
  const packed = zip.slice(start, start + entry.packed);
  if (packed.size !== entry.packed) throw damaged(entry);
  if (entry.method === STORED) {
    if (entry.packed !== entry.size) throw damaged(entry);
    return packed.arrayBuffer();
  }
  if (entry.method !== DEFLATED) throw new AvatarError(`is packed in a way that cannot be opened here (${entry.path}): unpack it first`);
  return inflate(packed, entry);
}

async function inflate(packed: Blob, entry: Entry): Promise<ArrayBuffer> {
  const out = new Uint8Array(entry.size);
  let filled = 0;
  const reader = packed.stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      // More than was promised: a bomb, or damage.
      if (filled + part.value.length > entry.size) throw damaged(entry);
      out.set(part.value, filled);
      filled += part.value.length;
    }
  } catch (error) {
    void reader.cancel().catch(() => undefined);
    throw error instanceof AvatarError ? error : damaged(entry);
  }
  if (filled !== entry.size) throw damaged(entry);
  return out.buffer;
}

function damaged(entry: Entry): AvatarError {
  return new AvatarError(`is a damaged zip: ${entry.path} cannot be unpacked`);
}
