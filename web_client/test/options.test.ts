import { describe, expect, it } from 'vitest';
import { presetLight } from '../src/light';
import { writeLook } from '../src/look';
import { obsLink } from '../src/obs_link';
import { avatarAddress, readOptions } from '../src/options';
import { STRAIGHT } from '../src/view';

const PAGE = 'http://127.0.0.1:8765/';
const USUAL = {
  models: [],
  people: 1,
  places: null,
  background: 'gradient',
  camera: 'bust',
  view: STRAIGHT,
  light: presetLight('soft'),
  outline: true,
  shadow: true,
  frameRate: 0,
  ui: true,
  quality: 'high',
  mirror: false,
  token: null,
  problems: [],
};
const EVERYTHING = 'bg=112233&cam=full&view=-20,5,1.5,0.1,-0.2&light=stage,0.8,-30,1,1.5&outline=0&shadow=0&fps=30&quality=low&mirror=1';

describe('readOptions', () => {
  it('has defaults for a bare address', () => {
    expect(readOptions(PAGE)).toEqual(USUAL);
  });

  it('starts transparent and without controls in OBS, unless told otherwise', () => {
    expect(readOptions(PAGE, true)).toMatchObject({ background: 'transparent', ui: false });
    expect(readOptions(`${PAGE}?bg=112233&ui=1`, true)).toMatchObject({ background: '#112233', ui: true });
  });

  it('reads every option', () => {
    expect(readOptions(`${PAGE}stage?model=me,/x/you.vrm&people=3&place=-1,0,1&ui=0&token=abc&${EVERYTHING}`)).toEqual({
      models: [`${PAGE}avatars/me`, `${PAGE}x/you.vrm`],
      people: 3,
      places: [-1, 0, 1],
      background: '#112233',
      camera: 'full',
      view: { yaw: -20, pitch: 5, zoom: 1.5, x: 0.1, y: -0.2 },
      light: { preset: 'stage', brightness: 0.8, side: -30, fill: 1, rim: 1.5 },
      outline: false,
      shadow: false,
      frameRate: 30,
      ui: false,
      quality: 'low',
      mirror: true,
      token: 'abc',
      problems: [],
    });
  });

  it('writes a look as it reads it', () => {
    expect(decodeURIComponent(writeLook(readOptions(`${PAGE}?${EVERYTHING}`)).toString())).toBe(
      'cam=full&view=-20,5,1.5,0.1,-0.2&bg=112233&light=stage,0.8,-30,1,1.5&outline=0&shadow=0&fps=30&quality=low&mirror=1',
    );
    expect(writeLook(readOptions(PAGE)).toString()).toBe('');
  });

  it('remembers what the address does not say, but not without controls', () => {
    expect(readOptions(`${PAGE}?mirror=0`, false, 'mirror=1&light=night&fps=abc')).toMatchObject({
      mirror: false,
      light: presetLight('night'),
      frameRate: 0,
      problems: [],
    });
    expect(readOptions(`${PAGE}?ui=0`, false, 'mirror=1')).toMatchObject({ mirror: false });
    expect(readOptions(PAGE, true, 'mirror=1')).toMatchObject({ mirror: false });
  });

  it('has a seat for each model', () => {
    expect(readOptions(`${PAGE}?model=a,b`).people).toBe(2);
    expect(readOptions(`${PAGE}?model=a,b&people=1`).people).toBe(1);
  });

  it.each([
    ['00FF7f', '#00ff7f'],
    ['%2300ff00', '#00ff00'],
    ['my%20room.jpg', '/backgrounds/my%20room.jpg'],
    ['/x/room.png', '/x/room.png'],
  ])('takes the ground %s', (written, ground) => {
    expect(readOptions(`${PAGE}?bg=${written}`).background).toBe(ground);
  });

  const BAD = ['bg=red', 'bg=fff', 'bg=%23gggggg', 'bg=//example.com/a.png', 'cam=side', 'ui=yes', 'quality=best', 'mirror=2', 'fps=31'];
  it.each([...BAD, 'light=dark', 'light=soft,9', 'view=a', 'people=0', 'people=99', 'place=here'])('names %s and goes on', (query) => {
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
    expect(readOptions(`${PAGE}?model=${encodeURIComponent(written)}`).models).toEqual([address]);
  });

  it.each(['https://example.com/a.vrm', '//example.com/a.vrm', 'javascript:alert(1)', 'http://127.0.0.1:1/a.vrm', '\\\\example.com/a.vrm'])(
    'refuses the model %s of another place',
    (written) => {
      const options = readOptions(`${PAGE}?model=${encodeURIComponent(written)}`);
      expect(options.models).toEqual([]);
      expect(options.problems[0]).toContain('not on this server');
    },
  );
});

describe('obsLink', () => {
  const usual = `${PAGE}avatars/default.vrm`;
  const parts = { look: readOptions(PAGE), avatars: [usual], usual, people: 1, places: null, token: null };

  it('is complete, and no longer than it must be', () => {
    expect(obsLink(new URL(PAGE), parts)).toEqual({ address: `${PAGE}stage?bg=transparent&ui=0`, missing: [] });
    const look = readOptions(`${PAGE}?${EVERYTHING}`);
    const { address } = obsLink(new URL(PAGE), { ...parts, look, avatars: [`${PAGE}avatars/me.vrm`, `${PAGE}avatars/ひより.zip`], people: 2, token: 't' });
    const read = readOptions(address, true);
    expect(read).toEqual({ ...look, models: [`${PAGE}avatars/me`, `${PAGE}avatars/${encodeURIComponent('ひより.zip')}`], people: 2, ui: false, token: 't' });
  });

  it('keeps two of the same', () => {
    const { address } = obsLink(new URL(PAGE), { ...parts, avatars: [usual, usual], people: 2 });
    expect(readOptions(address)).toMatchObject({ models: [], people: 2 });
  });

  it('says what it cannot take along', () => {
    const { address, missing } = obsLink(new URL(PAGE), { ...parts, avatars: [''], look: { ...parts.look, background: 'blob:x' } });
    expect(missing).toHaveLength(2);
    expect(readOptions(address)).toMatchObject({ models: [], background: 'transparent' });
  });
});

describe('avatarAddress', () => {
  it('takes names and paths', () => {
    expect(avatarAddress('default', new URL(PAGE))).toBe(`${PAGE}avatars/default`);
    expect(avatarAddress('/avatars/b.vrm', new URL(PAGE))).toBe(`${PAGE}avatars/b.vrm`);
  });
});
