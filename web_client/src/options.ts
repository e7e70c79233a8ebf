/** What the page's address says, see the README beside this folder. */

import { type Look, readLook } from './look';

export type { Background, CameraName, Quality } from './look';
export { CAMERAS } from './look';

/** More than this nobody has shown at once, and each costs as much as the first. */
const MOST_PEOPLE = 8;

export interface Options extends Look {
  /** Same-origin addresses of the avatar files, the first performer's first; empty for the one that the program names. */
  models: string[];
  /** How many performers are on the stage. */
  people: number;
  /** Where they stand, metres to the picture's right; null for side by side. */
  places: number[] | null;
  /** Whether the status and the toolbar are shown. */
  ui: boolean;
  token: string | null;
  /** One sentence for each option that was not understood. */
  problems: string[];
}

/**
 * Reads the options of an address. What is not understood keeps its default and is named in `problems`.
 *
 * @param href The page's full address
 * @param inObs Whether the page is an OBS browser source: then it starts transparent and without controls
 * @param remembered Options from an earlier visit, which those of the address go before; not where there are no controls
 */
export function readOptions(href: string, inObs = false, remembered = ''): Options {
  const page = new URL(href);
  const given = new URLSearchParams([...page.searchParams].filter(([, value]) => value !== ''));
  const problems: string[] = [];
  const ui = readSwitch(given, 'ui', !inObs, problems);
  const query = new URLSearchParams(ui ? remembered : '');
  const old: string[] = [];
  readLook(query, page, inObs, old);
  for (const problem of old) query.delete(problem.split('=')[0]!);
  for (const [key, value] of given) query.set(key, value);
  const models = readModels(given.get('model'), page, problems);
  const places = readNumbers(given.get('place'), 'place', problems);
  return {
    ...readLook(query, page, inObs, problems),
    models,
    people: readPeople(given.get('people'), Math.max(models.length, 1), problems),
    places,
    ui,
    token: given.get('token'),
    problems,
  };
}

function readSwitch(query: URLSearchParams, key: string, fallback: boolean, problems: string[]): boolean {
  const value = query.get(key);
  if (value === null || value === '0' || value === '1') return value === null ? fallback : value === '1';
  problems.push(`${key}=${value} is not one of 0, 1`);
  return fallback;
}

function readPeople(value: string | null, fallback: number, problems: string[]): number {
  if (value === null) return Math.min(fallback, MOST_PEOPLE);
  const people = Number(value);
  if (Number.isInteger(people) && people >= 1 && people <= MOST_PEOPLE) return people;
  problems.push(`people=${value} is not a number from 1 to ${MOST_PEOPLE}`);
  return fallback;
}

function readNumbers(value: string | null, key: string, problems: string[]): number[] | null {
  if (value === null) return null;
  const numbers = value.split(',').map(Number);
  if (numbers.every((number) => Math.abs(number) <= 100)) return numbers;
  problems.push(`${key}=${value} is not a list of metres`);
  return null;
}

/** Names or addresses, with commas between them. */
function readModels(value: string | null, page: URL, problems: string[]): string[] {
  const written = (value ?? '').split(',').map((name) => name.trim()).filter((name) => name !== '');
  return written.map((name) => readModel(name, page, problems)).filter((address) => address !== null);
}

/** `name`, with its ending or without, stands for `avatars/name`; anything with a slash is an address on the page's own origin. */
function readModel(value: string, page: URL, problems: string[]): string | null {
  if (/^[^/:\\]+$/.test(value)) return avatarAddress(value, page);
  const address = parseAddress(value, page);
  if (address === null || address.origin !== page.origin) {
    problems.push(`model=${value} is not on this server: give a name, a path, or drop the file on the page`);
    return null;
  }
  return address.href;
}

/** The address of an avatar of the server's library, or of a path that the server gave. */
export function avatarAddress(nameOrPath: string, page: URL): string {
  const path = nameOrPath.includes('/') ? nameOrPath : `/avatars/${encodeURIComponent(nameOrPath)}`;
  return new URL(path, page).href;
}

function parseAddress(value: string, page: URL): URL | null {
  try {
    return new URL(value, page);
  } catch {
    return null;
  }
}
