/** What the page's address says: `?model=&bg=&cam=&ui=&quality=&mirror=&token=`. */

export const CAMERAS = ['bust', 'face', 'full'] as const;
export type CameraName = (typeof CAMERAS)[number];
export type Quality = 'low' | 'high';

/** `gradient`, `transparent` or a colour as `#rrggbb`. */
export type Background = string;

export interface Options {
  /** Same-origin address of the avatar file, or null for the one that the program names. */
  model: string | null;
  background: Background;
  camera: CameraName;
  /** Whether the status and the toolbar are shown. */
  ui: boolean;
  quality: Quality;
  /** Flip the picture as a looking-glass does. */
  mirror: boolean;
  token: string | null;
  /** One sentence for each option that was not understood. */
  problems: string[];
}

/**
 * Reads the options of an address. What is not understood keeps its default and is named in `problems`.
 *
 * @param href The page's full address
 * @param inObs Whether the page is an OBS browser source: then it starts transparent and without controls
 */
export function readOptions(href: string, inObs = false): Options {
  const page = new URL(href);
  const query = page.searchParams;
  const problems: string[] = [];
  const choose = <T extends string>(key: string, allowed: readonly T[], fallback: T): T => {
    const value = query.get(key);
    if (value === null || value === '') return fallback;
    if ((allowed as readonly string[]).includes(value)) return value as T;
    problems.push(`${key}=${value} is not one of ${allowed.join(', ')}`);
    return fallback;
  };
  return {
    model: readModel(query.get('model'), page, problems),
    background: readBackground(query.get('bg'), inObs ? 'transparent' : 'gradient', problems),
    camera: choose('cam', CAMERAS, 'bust'),
    ui: choose('ui', ['0', '1'], inObs ? '0' : '1') === '1',
    quality: choose('quality', ['low', 'high'], 'high'),
    mirror: choose('mirror', ['0', '1'], '0') === '1',
    token: query.get('token') || null,
    problems,
  };
}

/** `name`, with its ending or without, stands for `avatars/name`; anything with a slash is an address on the page's own origin. */
function readModel(value: string | null, page: URL, problems: string[]): string | null {
  if (!value) return null;
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

function readBackground(value: string | null, fallback: Background, problems: string[]): Background {
  if (value === null || value === '') return fallback;
  if (value === 'transparent' || value === 'gradient') return value;
  const colour = value.replace(/^#/, '');
  if (/^[0-9a-f]{6}$/i.test(colour)) return `#${colour.toLowerCase()}`;
  problems.push(`bg=${value} is neither transparent nor a colour like #00ff00`);
  return fallback;
}
