import { describe, expect, it } from 'vitest';
import { AvatarError } from '../src/avatar/avatar';
import { readVrm } from '../src/avatar/glb';
import { makeVrm, pack } from './make_vrm';

const NOTHING = new Float32Array(0);
const bytes = (text: string): ArrayBuffer => new TextEncoder().encode(text).buffer as ArrayBuffer;

describe('readVrm', () => {
  it('tells the version and the name', () => {
    expect(readVrm(makeVrm({ version: '0' }))).toEqual({ metaVersion: '0', title: 'Test' });
    expect(readVrm(makeVrm({ version: '1' }))).toEqual({ metaVersion: '1', title: 'Test' });
  });

  it.each([
    ['an empty file', bytes(''), 'is not a VRM file'],
    ['a text', bytes('This is only a text, long enough to hold a header.'), 'is not a VRM file'],
    ['a plain model', pack({ asset: { version: '2.0' } }, NOTHING), 'not a VRM avatar'],
    ['a model in two files', pack({ extensions: { VRM: {} }, images: [{ uri: 'http://example.com/a.png' }] }, NOTHING), 'needs another file'],
    ['a list', pack([], NOTHING), 'not a VRM avatar'],
  ])('refuses %s', (_, file, reason) => {
    expect(() => readVrm(file)).toThrow(AvatarError);
    expect(() => readVrm(file)).toThrow(reason);
  });

  it('refuses a file cut short anywhere', () => {
    const whole = makeVrm({ version: '1' });
    for (const length of [1, 11, 19, 20, 100, whole.byteLength - 1]) {
      expect(() => readVrm(whole.slice(0, length))).toThrow(AvatarError);
    }
    expect(() => readVrm(whole.slice(0, whole.byteLength - 1))).toThrow(/cut short: \d+ of \d+ bytes/);
  });

  it('refuses a file with a damaged description', () => {
    const file = makeVrm({ version: '1' });
    new Uint8Array(file).fill(0x7b, 30, 60);
    expect(() => readVrm(file)).toThrow('cannot be read');
  });
});
