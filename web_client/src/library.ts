/** What the program has to show: paths on its own server. */
export interface Library {
  avatars: string[];
  backgrounds: string[];
}

/** Asks the program for its avatars and backgrounds; there are none where it does not answer. */
export async function readLibrary(token: string | null): Promise<Library> {
  try {
    const query = token === null ? '' : `?token=${encodeURIComponent(token)}`;
    const response = await fetch(`/library.json${query}`);
    if (response.ok) return (await response.json()) as Library;
  } catch {
    // the program is away: what it has is asked for again when the menu is opened
  }
  return { avatars: [], backgrounds: [] };
}

/** `Hiyori` for `/avatars/Hiyori.zip`. */
export function nameOfPath(path: string): string {
  const file = decodeURIComponent(path.split('/').at(-1) ?? path);
  return file.replace(/\.[^.]+$/, '');
}
