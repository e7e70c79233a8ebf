import { isOwnPicture } from './backgrounds';
import { type Look, writeLook } from './look';
import { writeView } from './view';

export interface LinkParts {
  look: Look;
  /** Addresses of the avatars on the server; '' for a file that was dropped on the page. */
  avatars: readonly string[];
  /** Of the program's own choice, which needs no name. */
  usual: string;
  /** Whether the program frames the avatar: then the address says how it is framed here, also when that is the usual way. */
  framed?: boolean;
  people: number;
  places: readonly number[] | null;
  token: string | null;
}

/** The address that shows in OBS what the page shows now, and what it cannot take along. */
export function obsLink(page: URL, parts: LinkParts): { address: string; missing: string[] } {
  const { look, avatars, usual, people, places, token } = parts;
  const missing: string[] = [];
  const ground = look.background === 'gradient' || isOwnPicture(look.background) ? 'transparent' : look.background;
  if (isOwnPicture(look.background)) missing.push('To have the picture in OBS, put it into the folder “backgrounds” beside your avatars.');
  const query = writeLook({ ...look, background: ground });
  query.set('ui', '0');
  if (parts.framed) {
    query.set('cam', look.camera);
    query.set('view', writeView(look.view) || '0');
  }
  const names = avatars.map((address) => (address === '' ? '' : nameOf(new URL(address, page), page)));
  if (names.includes('')) missing.push('To have a dropped avatar in OBS, put its file into your avatar folder (vtuber doctor names it), and choose it here.');
  if (!names.includes('') && avatars.some((address) => address !== usual)) query.set('model', names.join(','));
  if (people > 1 && people !== names.length) query.set('people', String(people));
  if (people > 1 && !query.has('model')) query.set('people', String(people));
  if (places) query.set('place', places.join(','));
  if (token !== null) query.set('token', token);
  // Commas, slashes and colons may stand in a query as they are: shorter, and a person can read it.
  const written = query.toString().replace(/%2C/g, ',').replace(/%2F/g, '/').replace(/%3A/g, ':');
  return { address: new URL(`/stage?${written}`, page).href, missing };
}

function nameOf(address: URL, page: URL): string {
  if (address.origin !== page.origin) return address.href;
  const [, name] = /^\/avatars\/([^/]+?)(?:\.vrm)?$/.exec(address.pathname) ?? [];
  return name === undefined ? address.pathname : decodeURIComponent(name);
}
