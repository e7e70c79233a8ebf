import { describe, expect, it } from 'vitest';
import { readDescription } from '../src/avatar/picture/description';
import { Hop } from '../src/avatar/picture/hop';
import { readNames } from '../src/avatar/picture/names';

const seen = (...paths: string[]): string[] =>
  readNames(paths, '').map(({ part, state, side, eyesClosed, mouthOpen }) =>
    part === 'whole' ? `whole ${eyesClosed ? 'shut' : 'awake'} ${mouthOpen ? 'talks' : 'silent'}` : [part, state, side].filter(Boolean).join(' '),
  );

describe('the names of a picture avatar', () => {
  it('say what each layer is', () => {
    expect(seen('body.png', 'head.png', 'hair_back.png', 'BackHair.png', 'Eyes/Open.png', 'eyes_closed.png', 'eyeLeftHalf.png', 'eye_r_blink.png')).toEqual([
      'body', 'head', 'hairBack', 'hairBack', 'eyes open', 'eyes closed', 'eyes half left', 'eyes closed right',
    ]);
    expect(seen('face.png', 'mouth.png', 'mouth-open.png', 'mouth_a.png', 'Mouth 2.png', 'mouth3.png', 'mouth_talk.png', 'mouth_smile.png')).toEqual([
      'head', 'mouth closed', 'mouth open', 'mouth a', 'mouth 2', 'mouth 3', 'mouth open', 'mouth smile',
    ]);
    expect(seen('body.png', 'mouth.png', 'eyebrows.png', 'brow_left_up.png', 'pupils.png', 'eyelashes.png', 'bangs.png', 'Glasses.png', 'cat.png')).toEqual([
      'body', 'mouth closed', 'brows', 'brows up left', 'iris', 'lashes open', 'hairFront', 'front', 'front',
    ]);
  });

  it.each([
    [['idle.png', 'talking.png', 'blink.png', 'talking_blink.png']],
    [['Me Idle.png', 'Me Talk.png', 'Me Blink.png', 'Me TalkBlink.png']],
    [['eyes_open_mouth_closed.png', 'eyes_open_mouth_open.png', 'eyes_closed_mouth_closed.png', 'eyes_closed_mouth_open.png']],
    [['openEyes closedMouth.png', 'openEyes openMouth.png', 'closedEyes closedMouth.png', 'closedEyes openMouth.png']],
    [['mouth_closed.png', 'mouth_open.png', 'mouth_closed_blink.png', 'mouth_open_blink.png']],
    [['face_silent.png', 'face_speaking.png', 'face_blink.png', 'face_speaking_blink.png']],
    [['closed.png', 'open.png', 'blink.png', 'open_blink.png']],
  ])('say what whole pictures are: %j', (names) => {
    expect(seen(...names)).toEqual(['whole awake silent', 'whole awake talks', 'whole shut silent', 'whole shut talks']);
  });

  it('need say nothing', () => {
    expect(seen('IMG_2041.png')).toEqual(['whole awake silent']);
  });
});

describe('picture.json', () => {
  it('is read', () => {
    const read = readDescription('{"name":"Mimi","pivots":{"head":[5,9]},"bounce":0,"layers":[{"file":"a.png","part":"eyes","state":"closed","offset":[1,2]}]}');
    expect(read).toEqual({ name: 'Mimi', pivots: { head: [5, 9] }, bounce: 0, tilt: 1, shift: 1, layers: [{ file: 'a.png', part: 'eyes', state: 'closed', offset: [1, 2] }] });
    expect(readDescription(null).layers).toBeUndefined();
  });

  it.each([
    ['{', 'no JSON'], ['[]', 'no JSON object'], ['{"layers":{}}', 'no list'], ['{"layers":[{}]}', 'without a file'], ['{"bounce":-1}', 'bounce'],
    ['{"pivots":{"head":[1]}}', 'head'], ['{"layers":[{"file":"a.png","side":"up"}]}', 'side'],
  ])('is refused with its fault: %s', (text, said) => {
    expect(() => readDescription(text)).toThrow(said);
  });
});

describe('the hop', () => {
  it('comes with each syllable, is bounded, and ends', () => {
    const hop = new Hop();
    const run = (speech: number, seconds: number): number[] => Array.from({ length: Math.round(seconds * 60) }, () => (hop.update(speech, 1 / 60, 1), hop.height));
    run(0, 0.5);
    expect(hop.height).toBe(0);
    const first = Math.max(...run(0.8, 1.5));
    expect(first).toBeGreaterThan(0.02);
    expect(Math.abs(hop.height)).toBeLessThan(1e-3);
    const talk = Array.from({ length: 20 }, () => [...run(0.1, 0.1), ...run(0.8, 0.1)]).flat();
    expect(Math.max(...talk)).toBeLessThan(0.12);
    hop.rest();
    expect(hop.height).toBe(0);
  });
});
