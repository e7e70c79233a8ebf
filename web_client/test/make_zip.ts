export interface ZipEntry {
  /** The name as it stands in the file, in whatever encoding. */
  name: Uint8Array;
  content: Uint8Array;
  stored?: boolean;
  /** General purpose flags: 1 encrypted, 0x800 the name is UTF-8. */
  flags?: number;
  /** What the list claims, when it lies. */
  claimedSize?: number;
  method?: number;
}

/** A .zip file, as PKWARE's APPNOTE.TXT describes it, without checksums. */
export async function makeZip(entries: readonly ZipEntry[]): Promise<Blob> {
  const locals: Uint8Array[] = [];
  const central: Uint8Array[] = [];
  const length = (parts: readonly Uint8Array[]): number => parts.reduce((sum, part) => sum + part.length, 0);
  for (const { name, content, stored = false, flags = 0, claimedSize = content.length, method = stored ? 0 : 8 } of entries) {
    const packed = stored ? content : await deflate(content);
    central.push(record(46, { 0: 0x02014b50, 20: packed.length, 24: claimedSize, 42: length(locals) }, { 8: flags, 10: method, 28: name.length }), name);
    locals.push(record(30, { 0: 0x04034b50 }, { 26: name.length }), name, packed);
  }
  const end = record(22, { 0: 0x06054b50, 12: length(central), 16: length(locals) }, { 10: entries.length });
  return new Blob([...locals, ...central, end] as BlobPart[]);
}

/** A record of `size` bytes with these words of 4 and of 2 bytes at these places. */
function record(size: number, longs: Record<number, number>, shorts: Record<number, number>): Uint8Array {
  const view = new DataView(new ArrayBuffer(size));
  for (const [at, value] of Object.entries(longs)) view.setUint32(Number(at), value, true);
  for (const [at, value] of Object.entries(shorts)) view.setUint16(Number(at), value, true);
  return new Uint8Array(view.buffer);
}

async function deflate(content: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([content] as BlobPart[]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
