import { describe, expect, it } from 'vitest';
import { filesOfFile, makeFiles, MOST_BYTES, resolvePath } from '../src/avatar/files';
import { findKind } from '../src/avatar/kinds';
import { makeZip, type ZipEntry } from './make_zip';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const entry = (name: string, content = 'content', more: Partial<ZipEntry> = {}): ZipEntry => ({ name: utf8(name), content: utf8(content), ...more });
const text = async (bytes: Promise<ArrayBuffer>): Promise<string> => new TextDecoder().decode(await bytes);
const latin1 = (bytes: string): ArrayBuffer => Uint8Array.from(bytes, (c) => c.charCodeAt(0)).buffer;
/** 表情/桃.png in Shift-JIS: the second byte of 表 is a backslash. */
const SHIFT_JIS = Uint8Array.from([0x95, 0x5c, 0x8f, 0xee, 0x2f, 0x93, 0x8d, 0x2e, 0x70, 0x6e, 0x67]);

describe('a zip', () => {
  it('gives its files, stored and deflated', async () => {
    const long = 'la '.repeat(50_000);
    const files = await filesOfFile(await makeZip([entry('a/', ''), entry('a/one.txt', long), entry('two.txt', 'zwei', { stored: true })]), 'x.zip');
    expect(files.name).toBe('x.zip');
    expect(files.paths()).toEqual(['a/one.txt', 'two.txt']);
    expect(await text(files.bytes('a/one.txt'))).toBe(long);
    expect(await text(files.bytes('two.txt'))).toBe('zwei');
  });

  it('reads names in UTF-8, said or not, and in Shift-JIS', async () => {
    const files = await filesOfFile(
      await makeZip([entry('é.png', '', { flags: 0x800 }), entry('ひより.png'), { name: SHIFT_JIS, content: utf8('peach') }]),
      'x.zip',
    );
    expect(files.paths()).toEqual(['é.png', 'ひより.png', '表情/桃.png'].sort());
    expect(await text(files.bytes('表情/桃.png'))).toBe('peach');
  });

  it('finds files whatever their case, slashes and composition', async () => {
    const files = await filesOfFile(await makeZip([entry('Tex/\u30ab\u3099.PNG')]), 'x.zip');
    for (const path of ['tex/\u30ac.png', 'Tex\\\u30ab\u3099.png', './TEX/../tex/\u30ac.PNG']) expect(files.has(path)).toBe(true);
    expect(files.has('tex')).toBe(false);
  });

  it('leaves out litter and paths that lead elsewhere', async () => {
    const odd = ['../up.txt', 'a/../../up.txt', '/etc/passwd', 'C:\\x.txt', '__MACOSX/._a', '.DS_Store', 'a/Thumbs.db', 'good.txt'];
    expect((await filesOfFile(await makeZip(odd.map((name) => entry(name))), 'x.zip')).paths()).toEqual(['good.txt']);
  });

  it.each([
    ['cut short', /cut short/, async () => (await big()).slice(0, 400)],
    ['with a lost list', /list of files/, async () => new Blob([(await big()).slice(0, 30), (await big()).slice(-22)])],
    ['locked', /password/, async () => makeZip([entry('a', 'x', { flags: 1 })])],
    ['of too many files', /too many/, async () => makeZip(Array.from({ length: 5001 }, (_, i) => entry(`${i}`, '', { stored: true })))],
    ['that would unpack endlessly', /more than any avatar needs/, async () => makeZip([entry('a', 'x', { claimedSize: MOST_BYTES }), entry('b')])],
  ])('%s is refused', async (_, words, make) => {
    await expect(filesOfFile(await make(), 'x.zip')).rejects.toThrow(words);
  });

  it('never unpacks more than its list says', async () => {
    const files = await filesOfFile(await makeZip([entry('bomb', '0'.repeat(1_000_000), { claimedSize: 1000 }), entry('odd', 'x', { method: 14 })]), 'x.zip');
    await expect(files.bytes('bomb')).rejects.toThrow('bomb cannot be unpacked');
    await expect(files.bytes('odd')).rejects.toThrow('unpack it first');
    await expect(files.bytes('third')).rejects.toThrow('needs third');
  });

  async function big(): Promise<Blob> {
    return makeZip([entry('a.txt', 'x'.repeat(1000), { stored: true })]);
  }
});

describe('resolvePath', () => {
  it.each([
    ['model/a.pmx', 'tex\\a.png', 'model/tex/a.png'],
    ['model/a.pmx', '..\\tex\\a.png', 'tex/a.png'],
    ['a.pmx', '../../a.png', 'a.png'],
    ['a/b/c.json', './d.png', 'a/b/d.png'],
  ])('%s says %s', (from, path, found) => {
    expect(resolvePath(from, path)).toBe(found);
  });
});

describe('findKind', () => {
  const find = (contents: Record<string, string>): ReturnType<typeof findKind> =>
    findKind(makeFiles('x', Object.entries(contents).map(([path, content]) => ({ path, read: async () => latin1(content) }))));

  it.each([
    ['vrm', 'misnamed.bin', { 'misnamed.bin': 'glTF....' }],
    ['vrm', 'letter.vrm', { 'letter.vrm': 'Dear' }],
    ['vrm', 'b.vrm', { 'a/a.vrm': '', 'b.vrm': '', 'tex.png': '' }],
    ['live2d', 'h/h.model3.json', { 'h/h.model3.json': '{}', 'h/t.png': '', 'h/h.moc3': '' }],
    ['mmd', 'k.pmx', { 'k.pmx': 'PMX ', 'tex/a.png': '' }],
    ['mmd', 'k', { k: 'PMX ' }],
    ['picture', 'a.png', { 'b.png': '', 'a.png': '' }],
    ['picture', 'only', { only: '\x89PNG' }],
  ])('sees %s in %s', async (kind, main, contents) => {
    expect(await find(contents as unknown as Record<string, string>)).toEqual({ kind, main });
  });

  it.each([
    [{}, /is empty/],
    [{ 'a.txt': 'Dear' }, /is no avatar/],
    [{ 'a.moc3': 'MOC3' }, /whole folder/],
  ])('refuses %j', async (contents, words) => {
    await expect(find(contents)).rejects.toThrow(words);
  });
});
