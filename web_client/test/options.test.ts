import { describe, expect, it } from 'vitest';
import { avatarAddress, readOptions } from '../src/options';

const PAGE = 'http://127.0.0.1:8765/';

describe('readOptions', () => {
  it('has defaults for a bare address', () => {
    expect(readOptions(PAGE)).toEqual({
      model: null,
      background: 'gradient',
      camera: 'bust',
      ui: true,
      quality: 'high',
      mirror: false,
      token: null,
      problems: [],
    });
  });

  it('starts transparent and without controls in OBS, unless told otherwise', () => {
    expect(readOptions(PAGE, true)).toMatchObject({ background: 'transparent', ui: false });
    expect(readOptions(`${PAGE}?bg=112233&ui=1`, true)).toMatchObject({ background: '#112233', ui: true });
  });

  it('reads every option', () => {
    const options = readOptions(`${PAGE}?model=me&bg=transparent&cam=full&ui=0&quality=low&mirror=1&token=abc`);
    expect(options).toEqual({
      model: `${PAGE}avatars/me`,
      background: 'transparent',
      camera: 'full',
      ui: false,
      quality: 'low',
      mirror: true,
      token: 'abc',
      problems: [],
    });
  });

  it.each([
    ['00FF7f', '#00ff7f'],
    ['%2300ff00', '#00ff00'],
  ])('takes the colour %s', (written, colour) => {
    expect(readOptions(`${PAGE}?bg=${written}`).background).toBe(colour);
  });

  it.each(['bg=red', 'bg=fff', 'bg=%23gggggg', 'cam=side', 'ui=yes', 'quality=best', 'mirror=2'])('names %s and goes on', (query) => {
    const options = readOptions(`${PAGE}?${query}`);
    expect(options.problems).toHaveLength(1);
    expect(options.problems[0]).toContain(query.split('=')[0]!);
    expect({ ...options, problems: [] }).toEqual(readOptions(PAGE));
  });

  it.each([
    ['my avatar', `${PAGE}avatars/my%20avatar`],
    ['みなも', `${PAGE}avatars/${encodeURIComponent('みなも')}`],
    ['/files/a.vrm', `${PAGE}files/a.vrm`],
    ['a.vrm', `${PAGE}avatars/a.vrm`],
    [`${PAGE}x/y.vrm`, `${PAGE}x/y.vrm`],
  ])('finds the model %s', (written, address) => {
    expect(readOptions(`${PAGE}?model=${encodeURIComponent(written)}`).model).toBe(address);
  });

  it.each(['https://example.com/a.vrm', '//example.com/a.vrm', 'javascript:alert(1)', 'http://127.0.0.1:1/a.vrm', '\\\\example.com/a.vrm'])(
    'refuses the model %s of another place',
    (written) => {
      const options = readOptions(`${PAGE}?model=${encodeURIComponent(written)}`);
      expect(options.model).toBeNull();
      expect(options.problems[0]).toContain('not on this server');
    },
  );
});

describe('avatarAddress', () => {
  it('takes names and paths', () => {
    expect(avatarAddress('default', new URL(PAGE))).toBe(`${PAGE}avatars/default`);
    expect(avatarAddress('/avatars/b.vrm', new URL(PAGE))).toBe(`${PAGE}avatars/b.vrm`);
  });
});
