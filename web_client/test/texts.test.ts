import { describe, expect, it } from 'vitest';
import { LANGUAGES } from '../src/studio/texts';
import { en } from '../src/studio/texts/en';

/** Every text with the path of its name. */
function flat(texts: object, path = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of Object.entries(texts)) {
    if (typeof value === 'string') found.set(path + name, value);
    else for (const [inner, text] of flat(value as object, `${path}${name}.`)) found.set(inner, text);
  }
  return found;
}

/** Texts that are the same in every language. */
const UNIVERSAL = ['avatars.size'];

describe.each(Object.entries(LANGUAGES))('the texts of %s', (code, { texts }) => {
  it('are all there, and no others', () => {
    expect([...flat(texts).keys()].sort()).toEqual([...flat(en).keys()].sort());
  });

  it('say something, in their own language', () => {
    const english = flat(en);
    for (const [path, text] of flat(texts)) {
      expect(text.trim(), path).not.toBe('');
      if (code !== 'en' && !UNIVERSAL.includes(path)) expect(text, path).not.toBe(english.get(path));
    }
  });
});
